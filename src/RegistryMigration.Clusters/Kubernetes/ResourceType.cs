namespace RegistryMigration.Clusters.Kubernetes;

/// <summary>A type that a cluster serves, as its REST paths name it.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The version, for example <c>v1</c>.</param>
/// <param name="Plural">The plural in paths, for example <c>configmaps</c>.</param>
/// <param name="Kind">The kind in objects, for example <c>ConfigMap</c>.</param>
/// <param name="Namespaced">Whether objects live in namespaces.</param>
public sealed record ResourceType(string Group, string Version, string Plural, string Kind, bool Namespaced = true)
{
    /// <summary>What objects of the type say as <c>apiVersion</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary><c>configmaps</c>, <c>deployments.apps</c>: as kubectl and RBAC messages name it.</summary>
    public override string ToString() => Group.Length == 0 ? Plural : $"{Plural}.{Group}";
}
