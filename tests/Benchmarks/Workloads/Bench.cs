using RegistryMigration.Benchmarks.Contenders;
using RegistryMigration.Benchmarks.Reporting;
using RegistryMigration.Benchmarks.Running;
using RegistryMigration.Benchmarks.Servers;
using RegistryMigration.Benchmarks.Trees;

namespace RegistryMigration.Benchmarks.Workloads;

/// <summary>What all workloads work with, and the one way in which anything is measured.</summary>
/// <param name="work">The directory that everything is kept in.</param>
/// <param name="worker">This project's worker, which also fills sources.</param>
/// <param name="log">Told what is going on.</param>
internal sealed class Bench(string work, Worker worker, Action<string> log)
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    private readonly TreeCache _trees = new(Path.Combine(work, "trees"));

    /// <summary>Runs programs.</summary>
    public Tool Tool { get; } = new(Path.Combine(work, "home"));

    /// <summary>This project's worker.</summary>
    public Worker Worker => worker;

    /// <summary>Told what is going on.</summary>
    public Action<string> Log => log;

    /// <summary>A command as it is shown: <c>WORK</c> and <c>REPOSITORY</c> instead of directories that other machines do not have.</summary>
    public string WithoutPaths(string command) => command.Replace(work, "WORK", StringComparison.Ordinal).Replace(Repository.Root, "REPOSITORY", StringComparison.Ordinal);

    /// <summary>The tree of a shape.</summary>
    public async Task<Tree> TreeAsync(TreeShape shape, CancellationToken cancellationToken)
    {
        log($"tree {shape.Name}: {shape.Description}");
        return await _trees.GetAsync(shape, cancellationToken);
    }

    /// <summary>A second tree of hard links to the first: what is changed in it stays as it was in the first.</summary>
    public async Task<Tree> CloneAsync(Tree tree, CancellationToken cancellationToken)
    {
        var path = Path.Combine(work, "clone");
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        await Tool.RequireAsync(new CommandLine("cp", "-al", tree.Path, path), cancellationToken);
        return tree with { Path = path };
    }

    /// <summary>Starts a storage.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="role">Sets its data apart from another one's of the same kind.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IStorage> StartAsync(StorageKind kind, string role, CancellationToken cancellationToken)
    {
        var directory = Path.Combine(work, $"{role}-{kind}".ToLowerInvariant());
        log($"start {kind} as {role}");
        switch (kind)
        {
            case StorageKind.S3:
                return await CephServer.StartAsync(Tool, directory, cancellationToken);
            case StorageKind.Swift:
                return await SwiftServer.StartAsync(Tool, directory, cancellationToken);
            default:
                Directory.CreateDirectory(directory);
                return new LocalDisk(directory, Tool);
        }
    }

    /// <summary>Measures one command.</summary>
    /// <param name="command">What to run.</param>
    /// <param name="source">Read into the page cache first where it is a directory.</param>
    /// <param name="storages">Whose requests are counted.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <returns>Figures, or the failure of a command that ended badly.</returns>
    public async Task<RunResult> MeasureAsync(CommandLine command, Place source, IReadOnlyList<IStorage> storages, CancellationToken cancellationToken)
    {
        await SettleAsync(source, cancellationToken);
        var load = Machine.Load;
        var before = await TrafficAsync(storages, cancellationToken);
        var run = await MeasuredRun.RunAsync(Tool, command, started: null, cancellationToken);
        var traffic = await TrafficAsync(storages, cancellationToken) - before;
        return new RunResult
        {
            Round = 0,
            Turn = 0,
            Failure = run.Result.ExitCode == 0 ? null : $"exit code {run.Result.ExitCode}: {run.Result.LastWords}",
            WallSeconds = run.WallSeconds,
            UserSeconds = run.UserSeconds,
            SystemSeconds = run.SystemSeconds,
            PeakMiB = run.PeakMiB,
            Requests = traffic?.Requests,
            BytesReceived = traffic?.Received,
            BytesSent = traffic?.Sent,
            ServerSeconds = traffic?.CpuSeconds,
            LoadBefore = load,
        };
    }

    /// <summary>Waits until nothing of an earlier run is under way any more, and reads a source into the page cache.</summary>
    public async Task SettleAsync(Place source, CancellationToken cancellationToken)
    {
        await Tool.RequireAsync(new CommandLine("sync"), cancellationToken);
        if (source is DirectoryPlace directory)
            await Machine.WarmAsync(directory.Path, cancellationToken);
        await Task.Delay(Settling, TimeProvider.System, cancellationToken);
    }

    /// <summary>Adds to a run what the target holds now, and makes it a failure unless that is what it has to be.</summary>
    public static async Task<RunResult> VerifyAsync(RunResult run, IStorage storage, Place place, Contents expected, CancellationToken cancellationToken)
    {
        if (run.Failure is not null)
            return run;
        var found = await storage.CountAsync(place, cancellationToken);
        return run with
        {
            Objects = found.Objects,
            Failure = found == expected ? null : $"the target has {found.Objects} objects and {found.Bytes} bytes instead of {expected.Objects} and {expected.Bytes}",
        };
    }

    /// <summary>Makes a run a failure unless all moved tags have moved at the target: their links have the same names and sizes as before.</summary>
    public static async Task<RunResult> VerifyTagsAsync(RunResult run, IStorage storage, Place place, TreeChange change, CancellationToken cancellationToken)
    {
        if (run.Failure is not null)
            return run;
        var missed = 0;
        foreach (var (key, content) in change.MovedTags)
            missed += await storage.ReadAsync(place, key, cancellationToken) == content ? 0 : 1;
        return missed == 0 ? run : run with { Failure = $"{missed} of {change.MovedTags.Count} moved tags were not noticed" };
    }

    /// <summary>What a contender has to bring of a tree.</summary>
    public static Contents Expected(Contender contender, Tree tree) => contender.CopiesUploads ? tree.All : tree.Content;

    private static async Task<Traffic?> TrafficAsync(IReadOnlyList<IStorage> storages, CancellationToken cancellationToken)
    {
        Traffic? sum = null;
        foreach (var storage in storages)
        {
            if (await storage.TrafficAsync(cancellationToken) is { } traffic)
                sum = (sum ?? default) + traffic;
        }

        return sum;
    }
}
