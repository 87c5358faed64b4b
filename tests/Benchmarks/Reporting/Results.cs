using System.Text.Json.Serialization;

namespace RegistryMigration.Benchmarks.Reporting;

/// <summary>Everything about one workload on one machine, as it is kept in a file.</summary>
internal sealed record WorkloadResult
{
    /// <summary>The workload's name.</summary>
    public required string Workload { get; init; }

    /// <summary>What is copied from where to where.</summary>
    public required string Title { get; init; }

    /// <summary>When the first round began.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>The tree.</summary>
    public required TreeFacts Tree { get; init; }

    /// <summary>The machine.</summary>
    public required MachineFacts Machine { get; init; }

    /// <summary>Name and version of each storage in it.</summary>
    public required IReadOnlyList<string> Storages { get; init; }

    /// <summary>What this project has to reach.</summary>
    public required IReadOnlyList<Goal> Goals { get; init; }

    /// <summary>Who took part.</summary>
    public required IReadOnlyList<ContenderResult> Contenders { get; init; }

    /// <summary>Who did not, and why.</summary>
    public required IReadOnlyList<LeftOut> LeftOut { get; init; }

    /// <summary>What else a reader has to know, e.g. the model behind a figure.</summary>
    public string? Note { get; init; }
}

/// <summary>A tool that does not take part.</summary>
/// <param name="Name">The tool.</param>
/// <param name="Reason">Why not.</param>
internal sealed record LeftOut(string Name, string Reason);

/// <summary>A tree in numbers.</summary>
internal sealed record TreeFacts(string Name, string Description, long Files, long Bytes, long UploadFiles, long UploadBytes, long Links);

/// <summary>A machine in words.</summary>
internal sealed record MachineFacts(string Processor, int Processors, double MemoryGiB, string System, string Kernel);

/// <summary>One contender's runs.</summary>
internal sealed record ContenderResult
{
    /// <summary>The name in tables.</summary>
    public required string Name { get; init; }

    /// <summary>One of this project's own.</summary>
    public required bool IsOurs { get; init; }

    /// <summary>Name and version.</summary>
    public required string Version { get; init; }

    /// <summary>The command, without secrets.</summary>
    public required string Command { get; init; }

    /// <summary>Why it does not count when the best peer is looked for, else null.</summary>
    public string? NotCounted { get; init; }

    /// <summary>Its runs.</summary>
    public required IReadOnlyList<RunResult> Runs { get; init; }

    /// <summary>Why one of its runs failed, else null. Of a contender that failed no figure is shown.</summary>
    [JsonIgnore]
    public string? Failure => Runs.FirstOrDefault(run => run.Failure is not null)?.Failure;

    /// <summary>A figure over all runs; null where it failed or nothing was counted.</summary>
    public Spread? Of(Metric metric) => Failure is not null ? null : Spread.Of(Runs.Select(metric.Of).OfType<double>());
}

/// <summary>One run of one contender.</summary>
internal sealed record RunResult
{
    /// <summary>The round, from 1.</summary>
    public required int Round { get; init; }

    /// <summary>Its turn in the round, from 1.</summary>
    public required int Turn { get; init; }

    /// <summary>Why it failed, else null.</summary>
    public string? Failure { get; init; }

    /// <summary>Seconds from start to end.</summary>
    public double? WallSeconds { get; init; }

    /// <summary>Processor seconds of the client in user mode.</summary>
    public double? UserSeconds { get; init; }

    /// <summary>Processor seconds of the client in the kernel.</summary>
    public double? SystemSeconds { get; init; }

    /// <summary>The largest resident set of a single process of it, in MiB.</summary>
    public double? PeakMiB { get; init; }

    /// <summary>Requests that the servers counted.</summary>
    public long? Requests { get; init; }

    /// <summary>Bytes that the servers received.</summary>
    public long? BytesReceived { get; init; }

    /// <summary>Bytes that the servers sent.</summary>
    public long? BytesSent { get; init; }

    /// <summary>Processor seconds of the servers, source and target together; null where there were none, or not measured.</summary>
    public double? ServerSeconds { get; init; }

    /// <summary>Objects of the tree at the target afterwards.</summary>
    public long? Objects { get; init; }

    /// <summary>The machine's load average over the last minute, just before.</summary>
    public double LoadBefore { get; init; }

    /// <summary>Figures of this workload alone, by name.</summary>
    public IReadOnlyDictionary<string, double> Figures { get; init; } = new Dictionary<string, double>();
}
