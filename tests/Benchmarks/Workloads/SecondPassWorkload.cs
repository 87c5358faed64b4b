using RegistryMigration.Benchmarks.Contenders;
using RegistryMigration.Benchmarks.Reporting;
using RegistryMigration.Benchmarks.Servers;
using RegistryMigration.Benchmarks.Trees;

namespace RegistryMigration.Benchmarks.Workloads;

/// <summary>A pass over a finished copy, with nothing to do.</summary>
internal sealed class SecondPassWorkload : Workload
{
    /// <inheritdoc />
    public override string Title => $"{Pair}, tree `{Shape.Name}`, second pass with nothing changed";

    /// <inheritdoc />
    public override async Task<IWorkloadRuns> PrepareAsync(Bench bench, IReadOnlyList<Entry> entries, CancellationToken cancellationToken)
    {
        var stage = await Stage.SetAsync(bench, Pair, await bench.TreeAsync(Shape, cancellationToken), cancellationToken);
        return new Runs(bench, stage, await FinishedCopies.MakeAsync(bench, stage, entries, cancellationToken));
    }

    private sealed class Runs(Bench bench, Stage stage, FinishedCopies copies) : IWorkloadRuns
    {
        public Tree Tree => stage.Tree;

        public IReadOnlyList<IStorage> Storages => stage.Storages;

        public async Task<(RunResult Run, string Command)> RunAsync(Contender contender, CancellationToken cancellationToken)
        {
            var target = copies.For(contender);
            var command = contender.Copy(stage.Source, target);
            var run = await bench.MeasureAsync(command, stage.Source, Storages, cancellationToken);
            return (await Bench.VerifyAsync(run, stage.Target, target, Bench.Expected(contender, Tree), cancellationToken), command.ToString());
        }

        public ValueTask DisposeAsync() => stage.DisposeAsync();
    }
}
