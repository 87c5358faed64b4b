namespace RegistryMigration.Model;

/// <summary>Which images a pull proof takes, and how.</summary>
public sealed record PullOptions
{
    /// <summary>How many images to draw at random among all tags; null takes all.</summary>
    public int? Sample { get; init; }

    /// <summary>Makes the draw repeatable; null draws anew each time.</summary>
    public int? Seed { get; init; }

    /// <summary>Only repositories that match one of these wildcards (<c>*</c> and <c>?</c>); empty takes all.</summary>
    public IReadOnlyList<string> Repositories { get; init; } = [];

    /// <summary>The one platform to take of an index, as <c>os/architecture[/variant]</c>; null takes all.</summary>
    public string? Platform { get; init; }

    /// <summary>Transfers at a time; 8 by default.</summary>
    public int Concurrency { get; init; } = 8;
}
