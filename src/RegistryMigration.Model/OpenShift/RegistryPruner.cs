namespace RegistryMigration.Model;

/// <summary>The job that deletes unused images. It deletes blobs although the registry is read-only.</summary>
public sealed record RegistryPruner
{
    /// <summary>Whether one is configured.</summary>
    public required bool Exists { get; init; }

    /// <summary>Whether it is suspended: no new run starts.</summary>
    public bool Suspended { get; init; }

    /// <summary>When it runs, as cron writes it; null is the operator's default.</summary>
    public string? Schedule { get; init; }

    /// <summary>Runs that have not ended.</summary>
    public IReadOnlyList<string> Running { get; init; } = [];

    /// <summary>Its conditions.</summary>
    public IReadOnlyList<RegistryCondition> Conditions { get; init; } = [];

    /// <summary>Suspended or not, and what runs.</summary>
    public override string ToString() => !Exists ? "none" : (Suspended ? "suspended" : "active") + (Running.Count > 0 ? $", running: {string.Join(", ", Running)}" : "");
}
