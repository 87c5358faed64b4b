using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Clusters.Quay;
using RegistryMigration.Clusters.Tests.InCluster;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Engine.Tests.Registries.StandIns;
using RegistryMigration.Model;
using QuayConfig = RegistryMigration.Clusters.Quay.Configuration.QuayConfig;

namespace RegistryMigration.Clusters.Tests.Quay.Steps;

/// <summary>A migration of a Quay, on disk, whose steps are run each in a session of its own; what Quay runs with is what its pushes and its health depend on.</summary>
internal abstract class QuaySteps : IAsyncDisposable
{
    public const string Blob = "sha256/ba/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    private readonly TemporaryFolder _folder = new();
    private readonly StandInServer _health;

    protected QuaySteps()
    {
        Clock = Time;
        _health = new StandInServer(request => request.Path == "/health/endtoend" ? Health() : new StandInResponse(404, null));
    }

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The clock of the steps, where nothing else is set.</summary>
    public SkippingTime Time { get; } = new();

    /// <summary>The clock; servers refuse one that is wrong.</summary>
    public TimeProvider Clock { get; set; }

    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(2);

    public string Folder => _folder.Path;

    /// <summary>The storage that is moved to; a directory with a copied blob.</summary>
    public string New => Path.Combine(Folder, "new");

    public string Old => Path.Combine(Folder, "old");

    public string Journal => Path.Combine(Folder, "journal", "move.jsonl");

    /// <summary>What Quay runs with; null where it does not run.</summary>
    public abstract QuayConfig? Running { get; }

    /// <summary>What steps told while they waited.</summary>
    public List<string> Notices { get; } = [];

    private MigrationPlace Place => new("move", Journal, null);

    private MigrationSession Session => new() { User = "tester", Machine = "here", ModuleVersion = "0", Time = Clock };

    public abstract StepContext Context(RegistryMigrationInfo info);

    public async Task<MigrationStep> RunAsync(Func<StepContext, Task<IMigrationStep>> make, CancellationToken? cancellationToken = null)
    {
        await using var run = await MigrationRuns.OpenAsync(Place, null, Session, Cancellation);
        return await run.RunAsync(await make(Context(run.Info)), cancellationToken ?? Cancellation);
    }

    public async Task<RegistryMigrationInfo> ReadAsync()
    {
        await using var run = await MigrationRuns.OpenAsync(Place, null, Session, Cancellation);
        return run.Info;
    }

    public Task<MigrationStep> BlockAsync(QuayServiceKey? key = null, CancellationToken? cancellationToken = null) =>
        RunAsync(context => QuaySystem.Instance.BlockWritesAsync(context, new BlockRequest(_ => Task.FromResult(Push())) { ServiceKey = key }, cancellationToken ?? Cancellation), cancellationToken);

    public Task<MigrationStep> AllowAsync(bool force = true) =>
        RunAsync(context => QuaySystem.Instance.AllowWritesAsync(context, new AllowRequest(_ => Task.FromResult(Push(refuse: false)), force), Cancellation));

    public Task<MigrationStep> SwitchAsync(Func<SwitchRequest, SwitchRequest>? change = null, CancellationToken? cancellationToken = null)
    {
        return RunAsync(context => QuaySystem.Instance.SwitchAsync(context, change is null ? Request : change(Request), cancellationToken ?? Cancellation), cancellationToken);
    }

    /// <summary>Looks whether the switch could be made, as -WhatIf does.</summary>
    public async Task TrySwitchAsync() =>
        await (await QuaySystem.Instance.SwitchAsync(Context(await ReadAsync()), Request, Cancellation)).CaptureAsync(Cancellation);

    private SwitchRequest Request => new() { Destination = new RegistryStore(New), Registry = _health.Url.ToString() };

    /// <summary>Undoes everything, or what followed a step.</summary>
    public async Task<IReadOnlyList<MigrationStep>> UndoAsync(string? to = null, bool force = false, CancellationToken? cancellationToken = null, UndoRequest? request = null)
    {
        await using var run = await MigrationRuns.OpenAsync(Place, null, Session, Cancellation);
        var undone = new List<MigrationStep>();
        await foreach (var step in MigrationUndo.RunAsync(run, MigrationSystems.UndosFor(Context(run.Info), request ?? new UndoRequest { Registry = _health.Url.ToString(), Probe = _ => Task.FromResult(Push()), Force = force }), to, force, cancellationToken ?? Cancellation))
            undone.Add(step);
        return undone;
    }

    /// <summary>Records what has to be there before a switch: a pass that copied nothing, and an audit.</summary>
    public async Task CopyAsync(string? from = null, string? to = null, bool audit = true)
    {
        await using var run = await MigrationRuns.OpenAsync(Place, null, Session, Cancellation);
        await run.RecordPassAsync(new MigrationPass { Source = from ?? Old, Destination = to ?? New, StartedAt = Clock.GetUtcNow(), Status = SyncStatus.Completed }, Cancellation);
        if (audit)
            await run.RecordAsync(new AuditRecord(to ?? New, true, false, 5, 500, 2, 0, Clock.GetUtcNow(), TimeSpan.Zero).ToStep(run.Steps), Cancellation);
    }

    /// <summary>Everything up to the switch.</summary>
    public async Task PrepareAsync()
    {
        await BlockAsync();
        await CopyAsync();
    }

    /// <summary>Pulls that prove the new storage.</summary>
    public async Task PullAsync()
    {
        await using var run = await MigrationRuns.OpenAsync(Place, null, Session, Cancellation);
        await run.RecordAsync(new PullRecord("https://quay.test", 3, 0, 500, Clock.GetUtcNow(), TimeSpan.Zero).ToStep(run.Steps), Cancellation);
    }

    /// <summary>The failure of something that has to be refused.</summary>
    public static async Task<ClusterException> RefusedAsync(Func<Task> action, params string[] words)
    {
        var failure = await Assert.ThrowsAsync<ClusterException>(action);
        Assert.All(words, word => Assert.Contains(word, failure.Message, StringComparison.Ordinal));
        return failure;
    }

    public async ValueTask DisposeAsync()
    {
        await _health.DisposeAsync();
        _folder.Dispose();
    }

    protected async Task BeginAsync(string? instance, string? configuration)
    {
        foreach (var storage in new[] { Old, New })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(storage, Blob))!);
            await File.WriteAllTextAsync(Path.Combine(storage, Blob), "abc", Cancellation);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Journal)!);
        await MigrationRuns.CreateAsync(new NewMigration { Place = Place, System = QuaySystem.SystemName, Instance = instance, ConfigurationPath = configuration }, null, Session, Cancellation);
    }

    protected IProgress<string> Listener() => new Listening(Notices);

    private PushResult Push(bool refuse = true)
    {
        var verdict = Running is null ? WriteVerdict.Unproven : QuayStateOf(Running) == QuayState.Normal ? WriteVerdict.Accepted : WriteVerdict.Refused;
        var reference = ImageReference.ByTag("robot/registrymigration-probe", "probe");
        return new PushResult
        {
            Registry = "https://quay.test",
            Repository = "robot/registrymigration-probe",
            ExpectRefused = refuse,
            Verdict = verdict,
            StatusCode = verdict switch { WriteVerdict.Refused => 405, WriteVerdict.Accepted => 201, _ => null },
            Message = $"It is {verdict}.",
            Reference = reference,
            Pull = new PullResult { Reference = reference, Registry = "https://quay.test" },
        };
    }

    protected static QuayState QuayStateOf(QuayConfig config) => RegistryMigration.Clusters.Quay.Steps.QuayStates.Of(config);

    // Asked for its health, a Quay that is not read-only writes a file to its preferred storage (storage/basestorage.py, validate).
    private StandInResponse Health()
    {
        var path = (Running?.At("DISTRIBUTED_STORAGE_CONFIG") as System.Text.Json.Nodes.JsonObject)?.First().Value?[1]?["storage_path"]?.GetValue<string>();
        var well = path is not null && Directory.Exists(path);
        if (well && QuayStateOf(Running!) != QuayState.ReadOnly)
            File.WriteAllText(Path.Combine(path!, "_verify"), "testing 123");
        return StandInResponse.Json(well ? 200 : 503, $$$"""{"data":{"services":{"storage":{{{(well ? "true" : "false")}}}}},"status_code":{{{(well ? 200 : 503)}}}}""");
    }

    private sealed class Listening(List<string> notices) : IProgress<string>
    {
        public void Report(string value)
        {
            lock (notices)
                notices.Add(value);
        }
    }
}
