namespace RegistryMigration.Clusters.OpenShift.References;

/// <summary>Which references to change, and to what.</summary>
public sealed record ReferenceOptions
{
    /// <summary>The mappings; the first that matches decides.</summary>
    public required IReadOnlyList<ReferenceMapping> Mappings { get; init; }

    /// <summary>The namespaces to look in; empty is all, and cluster-wide objects.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>The kinds to look at; empty is all.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];
}
