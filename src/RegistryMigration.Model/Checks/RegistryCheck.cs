namespace RegistryMigration.Model;

/// <summary>How a check ended.</summary>
public enum CheckStatus
{
    /// <summary>As it should be.</summary>
    Passed,

    /// <summary>Works, and needs a look.</summary>
    Warning,

    /// <summary>Broken.</summary>
    Failed,

    /// <summary>Not made; the evidence says why. Says nothing about the registry.</summary>
    Skipped,
}

/// <summary>One check of a diagnosis or a preflight.</summary>
public sealed record RegistryCheck
{
    /// <summary>Its place in the order of checks, from 1: what comes first is usually the cause of what comes later.</summary>
    public int Order { get; init; }

    /// <summary>What was looked at.</summary>
    public required string Name { get; init; }

    /// <summary>How it ended.</summary>
    public required CheckStatus Status { get; init; }

    /// <summary>What was seen.</summary>
    public IReadOnlyList<string> Evidence { get; init; } = [];

    /// <summary>What to do about it; null where nothing is to be done.</summary>
    public string? NextStep { get; init; }

    /// <summary>Name and status.</summary>
    public override string ToString() => $"{Name}: {Status}";
}
