using RegistryMigration.Benchmarks.Contenders;
using RegistryMigration.Benchmarks.Reporting;
using RegistryMigration.Benchmarks.Servers;
using RegistryMigration.Benchmarks.Trees;

namespace RegistryMigration.Benchmarks.Workloads;

/// <summary>A pass after 1 % new blobs and ten moved tags, over a copy that was finished before them.</summary>
internal sealed class ChangeWorkload : Workload
{
    /// <inheritdoc />
    public override string Title => $"{Pair}, tree `{Shape.Name}`, 1 % new blobs and 10 moved tags since a finished copy";

    /// <inheritdoc />
    public override async Task<IWorkloadRuns> PrepareAsync(Bench bench, IReadOnlyList<Entry> entries, CancellationToken cancellationToken)
    {
        var tree = await bench.CloneAsync(await bench.TreeAsync(Shape, cancellationToken), cancellationToken);
        var stage = await Stage.SetAsync(bench, Pair, tree, cancellationToken);
        return new Runs(bench, stage, await FinishedCopies.MakeAsync(bench, stage, entries, cancellationToken));
    }

    private sealed class Runs(Bench bench, Stage stage, FinishedCopies copies) : IWorkloadRuns
    {
        public Tree Tree => stage.Tree;

        public IReadOnlyList<IStorage> Storages => stage.Storages;

        public async Task<(RunResult Run, string Command)> RunAsync(Contender contender, CancellationToken cancellationToken)
        {
            var target = copies.For(contender);
            // Whatever the family's last run left behind goes before the change comes.
            await bench.Tool.RequireAsync(contender.Mirror(stage.Source, target), cancellationToken);
            var change = await Task.Run(() => TreeChange.Apply(Tree, cancellationToken), cancellationToken);
            try
            {
                var command = contender.Copy(stage.Source, target);
                var run = await bench.MeasureAsync(command, stage.Source, Storages, cancellationToken);
                run = await Bench.VerifyAsync(run, stage.Target, target, Bench.Expected(contender, Tree) + change.Added, cancellationToken);
                return (await Bench.VerifyTagsAsync(run, stage.Target, target, change, cancellationToken), command.ToString());
            }
            finally
            {
                change.Revert();
            }
        }

        public async ValueTask DisposeAsync()
        {
            await stage.DisposeAsync();
            Directory.Delete(Tree.Path, recursive: true);
        }
    }
}
