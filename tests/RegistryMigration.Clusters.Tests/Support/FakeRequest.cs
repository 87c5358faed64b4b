using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Clusters.Tests.Support;

/// <summary>What a <see cref="FakeKubernetes"/> was asked.</summary>
/// <param name="Verb">get, list, watch, create, update, patch, delete, log, exec: as RBAC names it.</param>
/// <param name="Type">The type.</param>
/// <param name="Namespace">The namespace; null for cluster-wide objects and for all namespaces.</param>
/// <param name="Name">The object; null for lists.</param>
/// <param name="Body">What was sent: the object, the merge document, or the list of operations. A copy.</param>
internal sealed record FakeRequest(string Verb, ResourceType Type, string? Namespace, string? Name, JsonNode? Body = null)
{
    /// <summary>How it was patched.</summary>
    public Patch? Patch { get; init; }

    /// <summary>Whether nothing was to be stored.</summary>
    public bool DryRun { get; init; }

    /// <summary>Whether something is stored.</summary>
    public bool Changes => !DryRun && Verb is "create" or "update" or "patch" or "delete" or "exec";

    /// <summary><c>patch configs.imageregistry.operator.openshift.io/cluster</c>.</summary>
    public override string ToString() => $"{Verb} {Type}{(Name is null ? "" : $"/{Name}")}{(Namespace is null ? "" : $" in {Namespace}")}";
}
