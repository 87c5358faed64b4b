namespace RegistryMigration.Model;

/// <summary>What was done to the secret with the registry's storage credentials. Names of keys only.</summary>
public sealed record RegistryCredentialChange
{
    /// <summary>The cluster.</summary>
    public required RegistryCluster Cluster { get; init; }

    /// <summary>The secret; its namespace is the registry's.</summary>
    public required string Secret { get; init; }

    /// <summary>The storage type that the credentials are for.</summary>
    public required BackendKind Backend { get; init; }

    /// <summary>Whether the secret was made.</summary>
    public bool Created { get; init; }

    /// <summary>Keys that were written.</summary>
    public required IReadOnlyList<string> Written { get; init; }

    /// <summary>Keys that were taken away.</summary>
    public IReadOnlyList<string> Removed { get; init; } = [];

    /// <summary>Keys of other storage types that are still there.</summary>
    public IReadOnlyList<string> Leftover { get; init; } = [];

    /// <summary>Whether something was written; false where everything was there already.</summary>
    public bool Applied { get; init; }
}
