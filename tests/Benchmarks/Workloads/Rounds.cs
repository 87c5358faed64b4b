using System.Globalization;
using RegistryMigration.Benchmarks.Reporting;
using RegistryMigration.Benchmarks.Running;

namespace RegistryMigration.Benchmarks.Workloads;

/// <summary>Lets all contenders of a workload run in turn, round after round, each round beginning with another one.</summary>
/// <param name="bench">What to work with.</param>
/// <param name="count">How many rounds.</param>
/// <param name="patience">A peer that took more than this many times as long as the fastest one does not run again; infinity lets all go on.</param>
internal sealed class Rounds(Bench bench, int count, double patience)
{
    /// <summary>Runs a workload.</summary>
    /// <param name="workload">The workload.</param>
    /// <param name="isWanted">Whether to let a contender take part, by its name.</param>
    /// <param name="save">Called with what is known after each round, so that nothing is lost when a later one is broken off.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<WorkloadResult> RunAsync(Workload workload, Func<string, bool> isWanted, Func<WorkloadResult, Task> save, CancellationToken cancellationToken)
    {
        bench.Log($"== {workload.Name}: {workload.Title}");
        Entry[] entries = [.. workload.Entries.Where(entry => entry.Contender.WhyNot is null && isWanted(entry.Contender.Name))];
        LeftOut[] leftOut =
        [
            .. workload.LeftOut,
            .. workload.Entries.Except(entries).Select(entry => new LeftOut(entry.Contender.Name, entry.Contender.WhyNot ?? "not asked for")),
        ];
        var started = TimeProvider.System.GetUtcNow();
        await using var runs = await workload.PrepareAsync(bench, entries, cancellationToken);
        var storages = new List<string>();
        foreach (var storage in runs.Storages)
            storages.Add(await storage.DescribeAsync(cancellationToken));
        var contenders = new Dictionary<Entry, ContenderResult>();
        foreach (var entry in entries)
        {
            contenders[entry] = new ContenderResult
            {
                Name = entry.Contender.Name,
                IsOurs = entry.Contender.IsOurs,
                Version = await entry.Contender.VersionAsync(bench.Tool, cancellationToken),
                Command = "",
                NotCounted = entry.NotCounted,
                Runs = [],
            };
        }

        WorkloadResult Result() => new()
        {
            Workload = workload.Name,
            Title = workload.Title,
            Started = started,
            Tree = new TreeFacts(runs.Tree.Shape.Name, runs.Tree.Shape.Description, runs.Tree.All.Objects, runs.Tree.All.Bytes, runs.Tree.Uploads.Objects, runs.Tree.Uploads.Bytes, runs.Tree.Links),
            Machine = Machine.Facts,
            Storages = storages,
            Goals = workload.Goals,
            Contenders = [.. entries.Select(entry => contenders[entry])],
            LeftOut = leftOut,
            Note = workload.Note,
        };

        for (var round = 1; round <= count; round++)
        {
            for (var turn = 1; turn <= entries.Length; turn++)
            {
                var entry = entries[(round + turn - 2) % entries.Length];
                // One failure says all that there is to say about a contender here.
                if (contenders[entry].Failure is not null || IsTooSlow(contenders[entry], contenders.Values))
                    continue;
                var (run, command) = await runs.RunAsync(entry.Contender, cancellationToken);
                contenders[entry] = contenders[entry] with { Command = bench.WithoutPaths(command), Runs = [.. contenders[entry].Runs, run with { Round = round, Turn = turn }] };
                bench.Log(Describe(round, entry, run));
            }

            await save(Result());
        }

        return Result();
    }

    // Judged by a peer's first run beside those of all others, so not before the second round.
    private bool IsTooSlow(ContenderResult contender, IReadOnlyCollection<ContenderResult> all)
    {
        if (contender.IsOurs || all.Any(other => other is { Failure: null, Runs: [] }))
            return false;
        var fastest = all.Where(other => other is { IsOurs: false, Failure: null }).Min(other => other.Runs[0].WallSeconds);
        return contender.Runs[0].WallSeconds > fastest * patience;
    }

    private static string Describe(int round, Entry entry, RunResult run) => run.Failure is null
        ? string.Create(CultureInfo.InvariantCulture, $"round {round}: {entry.Contender.Name}: {run.WallSeconds:0.00} s, CPU {run.UserSeconds + run.SystemSeconds:0.00} s, servers {run.ServerSeconds:0.0} s, {run.PeakMiB:0} MiB, {run.Requests?.ToString(CultureInfo.InvariantCulture) ?? "no"} requests")
        : $"round {round}: {entry.Contender.Name} failed: {run.Failure}";
}
