namespace RegistryMigration.Benchmarks.Reporting;

/// <summary>What this project has to reach in a workload.</summary>
/// <param name="Metric">The figure.</param>
/// <param name="AtMost">The most that it may be: the figure itself, or its ratio to the best median among peers.</param>
/// <param name="Against">Whose medians it is compared with, in words; null for a figure that stands for itself.</param>
/// <param name="Peers">Their names; null for every peer that counts.</param>
internal sealed record Goal(Metric Metric, double AtMost, string? Against = null, IReadOnlyList<string>? Peers = null)
{
    private const string BestPeer = "the best tuned peer";

    /// <summary>A ratio to the best of the peers that count.</summary>
    public static Goal Ratio(Metric metric, double atMost) => new(metric, atMost, BestPeer);

    /// <summary>A ratio to one peer.</summary>
    public static Goal RatioTo(Metric metric, double atMost, string peer) => new(metric, atMost, peer, [peer]);

    /// <summary>How far one of this project's tools is; null where a figure is missing on either side.</summary>
    public double? Reached(ContenderResult ours, WorkloadResult all)
    {
        var figure = ours.Of(Metric)?.Median;
        return Against is null ? figure : figure / Best(Metric, all, Peers);
    }

    /// <summary>The best median of a figure among peers.</summary>
    /// <param name="metric">The figure.</param>
    /// <param name="all">The workload.</param>
    /// <param name="peers">Their names; null for every peer that counts.</param>
    public static double? Best(Metric metric, WorkloadResult all, IReadOnlyList<string>? peers = null) => all.Contenders
        .Where(peer => !peer.IsOurs && (peers is null ? peer.NotCounted is null : peers.Contains(peer.Name)))
        .Min(peer => peer.Of(metric)?.Median);
}
