using RegistryMigration.Benchmarks.Contenders;
using RegistryMigration.Benchmarks.Reporting;
using RegistryMigration.Benchmarks.Servers;
using RegistryMigration.Benchmarks.Trees;

namespace RegistryMigration.Benchmarks.Workloads;

/// <summary>A whole tree into an empty target.</summary>
internal sealed class CopyWorkload : Workload
{
    /// <inheritdoc />
    public override string Title => $"{Pair}, tree `{Shape.Name}` into an empty target";

    /// <inheritdoc />
    public override async Task<IWorkloadRuns> PrepareAsync(Bench bench, IReadOnlyList<Entry> entries, CancellationToken cancellationToken) =>
        new Runs(bench, await Stage.SetAsync(bench, Pair, await bench.TreeAsync(Shape, cancellationToken), cancellationToken));

    private sealed class Runs(Bench bench, Stage stage) : IWorkloadRuns
    {
        public Tree Tree => stage.Tree;

        public IReadOnlyList<IStorage> Storages => stage.Storages;

        public async Task<(RunResult Run, string Command)> RunAsync(Contender contender, CancellationToken cancellationToken)
        {
            var target = await stage.Target.CreateAsync("benchmark-target", cancellationToken);
            var command = contender.Copy(stage.Source, target);
            var run = await bench.MeasureAsync(command, stage.Source, Storages, cancellationToken);
            run = await Bench.VerifyAsync(run, stage.Target, target, Bench.Expected(contender, Tree), cancellationToken);
            await stage.Target.RemoveAsync(target, cancellationToken);
            return (run, command.ToString());
        }

        public ValueTask DisposeAsync() => stage.DisposeAsync();
    }
}
