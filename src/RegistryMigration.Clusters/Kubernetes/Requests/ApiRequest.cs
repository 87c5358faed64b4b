using System.Text.Json.Nodes;

namespace RegistryMigration.Clusters.Kubernetes.Requests;

/// <summary>One request to the API, and what it is about for messages.</summary>
internal sealed record ApiRequest
{
    /// <summary>The HTTP method.</summary>
    public required HttpMethod Method { get; init; }

    /// <summary>The verb as RBAC names it: get, list, watch, create, update, patch, delete.</summary>
    public required string Verb { get; init; }

    /// <summary>The path below the server's address, with its query.</summary>
    public required string Path { get; init; }

    /// <summary>The resource as RBAC names it: <c>deployments.apps</c>, <c>pods/log</c>; null for what is no resource (<c>/version</c>).</summary>
    public string? Resource { get; init; }

    /// <summary>The namespace; null for cluster-wide objects and lists over all.</summary>
    public string? Namespace { get; init; }

    /// <summary>The object; null for lists.</summary>
    public string? Name { get; init; }

    /// <summary>What is sent.</summary>
    public JsonNode? Body { get; init; }

    /// <summary>What <see cref="Body"/> is.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>What is accepted: log lines are no JSON.</summary>
    public string Accept { get; init; } = "application/json";

    /// <summary>Whether it changes nothing, and may be sent again whatever became of it.</summary>
    public bool IsRead { get; init; }

    /// <summary>The object or type concerned: <c>deployments.apps/image-registry in openshift-image-registry</c>.</summary>
    public string Target => Resource is null
        ? Path
        : $"{Resource}{(Name is null ? "" : $"/{Name}")}{(Namespace is null ? "" : $" in {Namespace}")}";
}
