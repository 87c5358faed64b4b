namespace RegistryMigration.Engine.Tests.Faults;

/// <summary>Which requests a fault meets. The first rule that applies decides; a request that none meets passes unharmed.</summary>
public sealed class FaultRule
{
    private int _met;

    /// <summary>What happens to the requests met.</summary>
    public required Fault Fault { get; init; }

    /// <summary>The method; null for any.</summary>
    public string? Method { get; init; }

    /// <summary>A test of the request's target as sent (path and query, still encoded); null for any.</summary>
    public Func<string, bool>? Target { get; init; }

    /// <summary>Requests that pass before the first one is met.</summary>
    public int Skip { get; init; }

    /// <summary>How many requests are met after those.</summary>
    public int Times { get; init; } = 1;

    /// <summary>How many requests this rule has met.</summary>
    public int Met => Math.Clamp(Volatile.Read(ref _met) - Skip, 0, Times);

    internal bool Applies(string method, string target)
    {
        if ((Method is not null && Method != method) || (Target is not null && !Target(target)))
            return false;
        var count = Interlocked.Increment(ref _met);
        return count > Skip && count - Skip <= Times;
    }
}
