namespace RegistryMigration.Clusters.Migrations;

/// <summary>Where a migration's journal is.</summary>
/// <param name="Name">The migration's name.</param>
/// <param name="JournalPath">The journal on this machine; it need not be there yet.</param>
/// <param name="Namespace">The namespace of the copy; null without a cluster.</param>
public sealed record MigrationPlace(string Name, string JournalPath, string? Namespace);

/// <summary>A migration that is to be made.</summary>
public sealed record NewMigration
{
    /// <summary>Where its journal will be.</summary>
    public required MigrationPlace Place { get; init; }

    /// <summary>What is migrated: <c>OpenShift</c>, <c>Quay</c>, …</summary>
    public required string System { get; init; }

    /// <summary>Which registry of the namespace, where the system has several.</summary>
    public string? Instance { get; init; }

    /// <summary>The registry's configuration file, where it runs in no cluster.</summary>
    public string? ConfigurationPath { get; init; }

    /// <summary>The address of the old storage.</summary>
    public string? Source { get; init; }

    /// <summary>The address of the new storage.</summary>
    public string? Destination { get; init; }
}
