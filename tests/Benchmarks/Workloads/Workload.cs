using RegistryMigration.Benchmarks.Contenders;
using RegistryMigration.Benchmarks.Reporting;
using RegistryMigration.Benchmarks.Servers;
using RegistryMigration.Benchmarks.Trees;

namespace RegistryMigration.Benchmarks.Workloads;

/// <summary>A contender in a workload.</summary>
/// <param name="Contender">Who.</param>
/// <param name="NotCounted">Why it does not count when the best peer is looked for, else null.</param>
internal sealed record Entry(Contender Contender, string? NotCounted = null);

/// <summary>From what to what.</summary>
/// <param name="From">The source.</param>
/// <param name="To">The target.</param>
internal sealed record Pair(StorageKind From, StorageKind To)
{
    public override string ToString() => $"{Word(From)} → {Word(To)}";

    private static string Word(StorageKind kind) => kind switch { StorageKind.Directory => "directory", StorageKind.Swift => "Swift", _ => "S3" };
}

/// <summary>Something that is measured: a tree, two places, contenders, and what each of them does.</summary>
internal abstract class Workload
{
    /// <summary>The name on the command line and in file names.</summary>
    public required string Name { get; init; }

    /// <summary>From what to what.</summary>
    public required Pair Pair { get; init; }

    /// <summary>The tree.</summary>
    public required TreeShape Shape { get; init; }

    /// <summary>Who takes part.</summary>
    public required IReadOnlyList<Entry> Entries { get; init; }

    /// <summary>Who does not, and why.</summary>
    public IReadOnlyList<LeftOut> LeftOut { get; init; } = [];

    /// <summary>What this project has to reach.</summary>
    public IReadOnlyList<Goal> Goals { get; init; } = [];

    /// <summary>Whether it runs only when named.</summary>
    public bool IsOptional { get; init; }

    /// <summary>What happens, in a few words.</summary>
    public abstract string Title { get; }

    /// <summary>What a reader has to know besides, e.g. the model behind a figure; null for nothing.</summary>
    public virtual string? Note => null;

    /// <summary>Starts servers and makes what all runs need.</summary>
    /// <param name="bench">What to work with.</param>
    /// <param name="entries">Who takes part on this machine.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public abstract Task<IWorkloadRuns> PrepareAsync(Bench bench, IReadOnlyList<Entry> entries, CancellationToken cancellationToken);

    /// <summary>The command that is measured, for places of this pair.</summary>
    public virtual string CommandOf(Contender contender, Place source, Place target) => contender.Copy(source, target).ToString();
}

/// <summary>A workload that is ready to run. Disposed when all rounds are over.</summary>
internal interface IWorkloadRuns : IAsyncDisposable
{
    /// <summary>The tree.</summary>
    Tree Tree { get; }

    /// <summary>The storages in it.</summary>
    IReadOnlyList<IStorage> Storages { get; }

    /// <summary>Runs one contender once, from the state that all contenders start from.</summary>
    /// <returns>Its figures with the command, without secrets.</returns>
    Task<(RunResult Run, string Command)> RunAsync(Contender contender, CancellationToken cancellationToken);
}
