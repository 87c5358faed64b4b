using System.CommandLine;
using System.Globalization;
using RegistryMigration.Benchmarks.Contenders;
using RegistryMigration.Benchmarks.Reporting;
using RegistryMigration.Benchmarks.Running;
using RegistryMigration.Benchmarks.Servers;
using RegistryMigration.Benchmarks.Trees;
using RegistryMigration.Benchmarks.Workloads;

namespace RegistryMigration.Benchmarks.Commands;

/// <summary>Builds this project's tools, runs workloads, and reports.</summary>
internal sealed class RunCommand : Command
{
    private readonly Option<string[]> _workloads = new("--workload") { Description = "Workloads by name, see list; all that are not optional unless given", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string[]> _contenders = new("--contender") { Description = "Contenders by name, see list; all unless given", AllowMultipleArgumentsPerToken = true };
    private readonly Option<int> _rounds = new("--rounds") { Description = "How often each contender runs (3; with --smoke 1)" };
    private readonly Option<double> _patience = new("--patience") { Description = "A peer whose first run took more than this many times as long as the fastest peer's does not run again; unlimited unless given", DefaultValueFactory = _ => double.PositiveInfinity };
    private readonly Option<double> _scale = new("--tree-scale") { Description = "Multiplies images and bytes of the trees", DefaultValueFactory = _ => 1 };
    private readonly Option<bool> _smoke = new("--smoke") { Description = "A tiny tree and one round: tries the harness and measures nothing" };
    private readonly Option<FileInfo?> _worker = new("--worker") { Description = "Take this worker and the module of the last build, instead of building both" };
    private readonly Option<DirectoryInfo> _work = WorkDirectory.Option();
    private readonly ReportOptions _files = new();

    public RunCommand()
        : base("run", "Runs this project's tools and others on the same servers and trees in turn, and prints tables. Exit codes: 0 done, 1 a contender of this project or a workload failed")
    {
        foreach (var option in new Option[] { _workloads, _contenders, _rounds, _patience, _scale, _smoke, _worker, _work })
            Add(option);
        _files.AddTo(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var log = parsed.InvocationConfiguration.Error;
        void Log(string line) => log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow():HH:mm:ss} {line}"));

        if ((MeasuredRun.WhyNot ?? Lab.WhyNot) is { } whyNot)
        {
            Log(whyNot);
            return 1;
        }

        var work = parsed.GetRequiredValue(_work);
        var results = WorkDirectory.Results(work);
        var worker = await BuildAsync(parsed, Log, cancellationToken);
        var catalog = new WorkloadCatalog(worker, new Module(Module.Manifest), WorkDirectory.Scratch(work), Shaping(parsed)).All();
        var names = parsed.GetValue(_workloads) is { Length: > 0 } given ? given : [.. catalog.Where(workload => !workload.IsOptional).Select(workload => workload.Name)];
        if (names.Except(catalog.Select(workload => workload.Name)).FirstOrDefault() is { } unknown)
        {
            Log($"There is no workload '{unknown}'. 'list' shows all.");
            return 1;
        }

        var bench = new Bench(work.FullName, worker, Log);
        await Lab.InstallAsync(bench.Tool, cancellationToken);
        var rounds = new Rounds(bench, parsed.GetValue(_rounds) is > 0 and var count ? count : parsed.GetValue(_smoke) ? 1 : 3, parsed.GetValue(_patience));
        var wanted = parsed.GetValue(_contenders) ?? [];
        var failed = false;
        foreach (var workload in catalog.Where(workload => names.Contains(workload.Name)))
        {
            try
            {
                var result = await rounds.RunAsync(workload, name => wanted.Length == 0 || wanted.Contains(name), done => ResultFiles.SaveAsync(results, done, cancellationToken), cancellationToken);
                failed |= result.Contenders.Any(contender => contender.IsOurs && contender.Failure is not null);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The next workload starts servers of its own.
                Log($"{workload.Name} was broken off: {e}");
                failed = true;
            }
        }

        await _files.WriteAsync(parsed, results, cancellationToken);
        return failed ? 1 : 0;
    }

    private async Task<Worker> BuildAsync(ParseResult parsed, Action<string> log, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(_worker) is { } given)
            return new Worker(given.FullName);
        log("build the worker and the module");
        var directory = Path.Combine(parsed.GetRequiredValue(_work).FullName, "worker");
        await Module.BuildAsync(cancellationToken);
        return await Worker.PublishAsync(directory, cancellationToken);
    }

    private Func<TreeShape, TreeShape> Shaping(ParseResult parsed)
    {
        var scale = parsed.GetValue(_scale);
        return parsed.GetValue(_smoke) ? _ => TreeShape.Smoke : shape => shape.Scaled(scale);
    }
}
