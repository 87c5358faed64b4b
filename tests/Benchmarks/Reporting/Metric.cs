namespace RegistryMigration.Benchmarks.Reporting;

/// <summary>A figure of a run by its name: one that every workload has, or one of a workload's own.</summary>
/// <param name="Name">The name in tables and files.</param>
internal sealed record Metric(string Name)
{
    /// <summary>Seconds from start to end.</summary>
    public static Metric Wall { get; } = new("wall s");

    /// <summary>Processor seconds of the client, user and system.</summary>
    public static Metric Cpu { get; } = new("client CPU s");

    /// <summary>Processor seconds of the servers, user and system.</summary>
    public static Metric ServerCpu { get; } = new("server CPU s");

    /// <summary>MiB.</summary>
    public static Metric Peak { get; } = new("peak MiB");

    /// <summary>Requests.</summary>
    public static Metric Requests { get; } = new("requests");

    /// <summary>Bytes the servers received.</summary>
    public static Metric Received { get; } = new("bytes received");

    /// <summary>Bytes the servers sent.</summary>
    public static Metric Sent { get; } = new("bytes sent");

    /// <summary>Requests for each object of the tree at the target.</summary>
    public static Metric RequestsPerObject { get; } = new("requests per object");

    /// <summary>The figure of a run; null where there is none.</summary>
    public double? Of(RunResult run) => this switch
    {
        _ when this == Wall => run.WallSeconds,
        _ when this == Cpu => run.UserSeconds + run.SystemSeconds,
        _ when this == ServerCpu => run.ServerSeconds,
        _ when this == Peak => run.PeakMiB,
        _ when this == Requests => run.Requests,
        _ when this == Received => run.BytesReceived,
        _ when this == Sent => run.BytesSent,
        _ when this == RequestsPerObject => run.Objects > 0 ? (double?)run.Requests / run.Objects : null,
        _ => run.Figures.TryGetValue(Name, out var figure) ? figure : null,
    };
}
