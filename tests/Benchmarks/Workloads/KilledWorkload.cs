using RegistryMigration.Benchmarks.Contenders;
using RegistryMigration.Benchmarks.Reporting;
using RegistryMigration.Benchmarks.Running;
using RegistryMigration.Benchmarks.Servers;
using RegistryMigration.Benchmarks.Trees;

namespace RegistryMigration.Benchmarks.Workloads;

/// <summary>A run that <c>kill -9</c> ends when half of the bytes are sent, and a second one that goes on. Counts bytes; its times mean nothing.</summary>
internal sealed class KilledWorkload : Workload
{
    /// <summary>Bytes sent in both runs beyond what one whole run sends, as a share of the tree's bytes.</summary>
    public static readonly Metric SentTwice = new("share of bytes sent twice");

    /// <inheritdoc />
    public override string Title => $"{Pair}, tree `{Shape.Name}`, killed when half of the bytes were sent, and run again";

    /// <inheritdoc />
    public override string Note =>
        "Bytes are what clients sent into their sockets, with all headers, counted by a relay before the server. Sent twice: both runs together, less what one uninterrupted run sends. "
        + "Times and processor seconds are those of the second run through the relay; nothing is judged by them.";

    /// <inheritdoc />
    public override async Task<IWorkloadRuns> PrepareAsync(Bench bench, IReadOnlyList<Entry> entries, CancellationToken cancellationToken) =>
        new Runs(bench, await Stage.SetAsync(bench, Pair, await bench.TreeAsync(Shape, cancellationToken), cancellationToken));

    private sealed class Runs(Bench bench, Stage stage) : IWorkloadRuns
    {
        private readonly Dictionary<string, long> _uninterrupted = new(StringComparer.Ordinal);

        public Tree Tree => stage.Tree;

        public IReadOnlyList<IStorage> Storages => stage.Storages;

        public async Task<(RunResult Run, string Command)> RunAsync(Contender contender, CancellationToken cancellationToken)
        {
            if (!_uninterrupted.TryGetValue(contender.Name, out var once))
                _uninterrupted[contender.Name] = once = await SendOnceAsync(contender, cancellationToken);

            var target = (S3Place)await stage.Target.CreateAsync("benchmark-target", cancellationToken);
            await using var relay = new ByteRelay(target.Endpoint);
            var command = contender.Copy(stage.Source, target with { Endpoint = relay.Endpoint });
            var killed = await RunUntilHalfAsync(relay, command, cancellationToken);
            var first = relay.Received;
            var run = await bench.MeasureAsync(command, stage.Source, Storages, cancellationToken);
            run = await Bench.VerifyAsync(run, stage.Target, target, Bench.Expected(contender, Tree), cancellationToken);
            run = run with
            {
                Failure = killed ? run.Failure : "it ended before half of the bytes were sent",
                Figures = new Dictionary<string, double>
                {
                    ["bytes of an uninterrupted run"] = once,
                    ["bytes until it was killed"] = first,
                    ["bytes of the second run"] = relay.Received - first,
                    [SentTwice.Name] = (double)(relay.Received - once) / Tree.All.Bytes,
                },
            };
            await stage.Target.RemoveAsync(target, cancellationToken);
            return (run, command.ToString());
        }

        public ValueTask DisposeAsync() => stage.DisposeAsync();

        private async Task<long> SendOnceAsync(Contender contender, CancellationToken cancellationToken)
        {
            bench.Log($"uninterrupted run of {contender.Name}");
            var target = (S3Place)await stage.Target.CreateAsync("benchmark-target", cancellationToken);
            await using var relay = new ByteRelay(target.Endpoint);
            await bench.Tool.RequireAsync(contender.Copy(stage.Source, target with { Endpoint = relay.Endpoint }), cancellationToken);
            await stage.Target.RemoveAsync(target, cancellationToken);
            return relay.Received;
        }

        private async Task<bool> RunUntilHalfAsync(ByteRelay relay, CommandLine command, CancellationToken cancellationToken)
        {
            Action? kill = null;
            relay.Notify(Tree.All.Bytes / 2, () => kill?.Invoke());
            var run = await MeasuredRun.RunAsync(bench.Tool, command, started => kill = started, cancellationToken);
            // Ended by the signal, and not by a failure of its own.
            return run.Result.ExitCode == 128 + 9;
        }
    }
}
