namespace RegistryMigration.Model;

/// <summary>What a change of the registry's configuration did, or would do.</summary>
public sealed record ImageRegistryChange
{
    /// <summary>The cluster.</summary>
    public required RegistryCluster Cluster { get; init; }

    /// <summary>The fields that differ, as the API server answered; empty where everything was as asked already.</summary>
    public required IReadOnlyList<FieldChange> Changes { get; init; }

    /// <summary>Whether it was written; false for a dry run, and where nothing had to be changed.</summary>
    public required bool Applied { get; init; }

    /// <summary>Whether the registry is what its configuration asks for; null where it was not waited for.</summary>
    public bool? Converged { get; init; }

    /// <summary>How long the registry took; zero where it was not waited for.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The resource version before.</summary>
    public required string ResourceVersionBefore { get; init; }

    /// <summary>The resource version after the change; the same where nothing was written.</summary>
    public required string ResourceVersionAfter { get; init; }

    /// <summary>A JSON patch that brings the changed fields back: <c>oc patch configs.imageregistry.operator.openshift.io/cluster --type json -p …</c>. Null where nothing differs.</summary>
    public string? RevertPatch { get; init; }

    /// <summary>What to know about it.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
