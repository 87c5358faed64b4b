using RegistryMigration.Benchmarks.Contenders;
using RegistryMigration.Benchmarks.Reporting;
using RegistryMigration.Benchmarks.Servers;
using RegistryMigration.Benchmarks.Trees;

namespace RegistryMigration.Benchmarks.Workloads;

/// <summary>A move as it is done: a live pass, a change of 1 %, and the final pass, for which the registry is read-only.</summary>
internal sealed class WindowWorkload : Workload
{
    private const double ModelBytes = 500e9;

    /// <inheritdoc />
    public override string Title => $"{Pair}, tree `{Shape.Name}`, live pass, then 1 % change, then the final pass in the read-only window";

    /// <inheritdoc />
    public override string Note =>
        "The figures of the table are the final pass's. The model for 500 GB: objects are of the same sizes and 1 % of them change, so that all counts grow with the bytes, and all times with the counts. "
        + "Comparing is the time of a pass with nothing changed, copying the change is what the final pass takes beyond that; both are multiplied by 500 GB over the tree's bytes. Start-up is "
        + "multiplied with them, so the model errs to the long side.";

    /// <inheritdoc />
    public override async Task<IWorkloadRuns> PrepareAsync(Bench bench, IReadOnlyList<Entry> entries, CancellationToken cancellationToken)
    {
        var tree = await bench.CloneAsync(await bench.TreeAsync(Shape, cancellationToken), cancellationToken);
        return new Runs(bench, await Stage.SetAsync(bench, Pair, tree, cancellationToken));
    }

    private sealed class Runs(Bench bench, Stage stage) : IWorkloadRuns
    {
        public Tree Tree => stage.Tree;

        public IReadOnlyList<IStorage> Storages => stage.Storages;

        public async Task<(RunResult Run, string Command)> RunAsync(Contender contender, CancellationToken cancellationToken)
        {
            var target = await stage.Target.CreateAsync("benchmark-target", cancellationToken);
            var command = contender.Copy(stage.Source, target);
            var live = await bench.MeasureAsync(command, stage.Source, Storages, cancellationToken);
            var unchanged = await bench.MeasureAsync(command, stage.Source, Storages, cancellationToken);
            var change = await Task.Run(() => TreeChange.Apply(Tree, cancellationToken), cancellationToken);
            RunResult final;
            try
            {
                final = await bench.MeasureAsync(command, stage.Source, Storages, cancellationToken);
                final = await Bench.VerifyAsync(final, stage.Target, target, Bench.Expected(contender, Tree) + change.Added, cancellationToken);
                final = await Bench.VerifyTagsAsync(final, stage.Target, target, change, cancellationToken);
            }
            finally
            {
                change.Revert();
            }

            await stage.Target.RemoveAsync(target, cancellationToken);
            return (final with { Failure = live.Failure ?? unchanged.Failure ?? final.Failure, Figures = Model(live, unchanged, final) }, command.ToString());
        }

        public async ValueTask DisposeAsync()
        {
            await stage.DisposeAsync();
            Directory.Delete(Tree.Path, recursive: true);
        }

        private Dictionary<string, double> Model(RunResult live, RunResult unchanged, RunResult final)
        {
            var factor = ModelBytes / Tree.Content.Bytes;
            var (livePass, comparing, window) = (live.WallSeconds ?? 0, unchanged.WallSeconds ?? 0, final.WallSeconds ?? 0);
            return new Dictionary<string, double>
            {
                ["live pass s"] = livePass,
                ["pass with nothing changed s"] = comparing,
                ["final pass s"] = window,
                ["500 GB: comparing s"] = comparing * factor,
                ["500 GB: copying the change s"] = (window - comparing) * factor,
                ["500 GB: window s"] = window * factor,
            };
        }
    }
}
