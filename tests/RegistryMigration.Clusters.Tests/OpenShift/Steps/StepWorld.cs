using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.OpenShift.Steps;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.OpenShift.Steps;

/// <summary>A registry on a volume in a cluster in memory, whose operator does at once what the configuration asks for, and a migration of it on disk.</summary>
internal sealed class StepWorld : IAsyncDisposable
{
    public const string Namespace = ImageRegistryNames.Namespace;
    public const string Claim = "images";
    public const string Volume = "/mnt/images";
    public const string Container = "swift://lab-x7-images";

    private const string Volumes = $$"""{"managementState":"Unmanaged","pvc":{"claim":"{{Claim}}"} }""";
    private readonly string _folder = Directory.CreateTempSubdirectory("steps-").FullName;

    private StepWorld()
    {
        Cluster.After = request =>
        {
            if (OperatorWorks && request is { Changes: true } && request.Type == OpenShiftTypes.Configs)
                Reconcile();
            if (OperatorWorks && request is { Changes: true } && request.Type == OpenShiftTypes.ImagePruners && CronJob is not null)
                Cluster.Edit(CronJobs, Namespace, ImageRegistryNames.PrunerCronJob, job => job["spec"]!["suspend"] = Cluster.Peek(OpenShiftTypes.ImagePruners, null, "cluster")!.Flag("spec", "suspend") ?? false);
            return Task.CompletedTask;
        };
    }

    public static ResourceType CronJobs { get; } = new("batch", "v1beta1", "cronjobs", "CronJob");

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public FakeKubernetes Cluster { get; } = new();

    /// <summary>Whether the operator acts.</summary>
    public bool OperatorWorks { get; set; } = true;

    public StepWork Work => new(Cluster, TimeProvider.System, Timeout);

    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);

    public Resource Config => Cluster.Peek(OpenShiftTypes.Configs, null, ImageRegistryNames.Config)!;

    public Resource? Pruner => Cluster.Peek(OpenShiftTypes.ImagePruners, null, ImageRegistryNames.Pruner);

    private Resource? CronJob => Cluster.Peek(CronJobs, Namespace, ImageRegistryNames.PrunerCronJob);

    public string Spec => Config.Section("spec")!.ToJsonString();

    /// <summary>A world with its migration made.</summary>
    /// <param name="spec">Fields of the spec besides managementState, storage and replicas.</param>
    /// <param name="storage">The storage; the claim when left out.</param>
    public static async Task<StepWorld> CreateAsync(string spec = "\"rolloutStrategy\":\"Recreate\"", string? storage = null)
    {
        var world = new StepWorld();
        world.Cluster.Put(OpenShiftTypes.Configs, null, ImageRegistryNames.Config, $$"""{"spec":{"managementState":"Managed","replicas":1,"storage":{{storage ?? Volumes}}{{(spec.Length > 0 ? "," : "")}}{{spec}} } }""");
        world.Cluster.Put(OpenShiftTypes.ImagePruners, null, ImageRegistryNames.Pruner, """{"spec":{"schedule":""}}""");
        world.Cluster.Put(OpenShiftTypes.Infrastructures, null, ImageRegistryNames.Infrastructure, """{"status":{"infrastructureName":"lab-x7","platformStatus":{"type":"OpenStack","openstack":{"cloudName":"openstack"}}}}""");
        world.Cluster.Put(ResourceTypes.Claims, Namespace, Claim, """{"metadata":{"finalizers":["kubernetes.io/pvc-protection"],"managedFields":[{}]},"spec":{"accessModes":["ReadWriteOnce"],"volumeName":"pv-1","resources":{"requests":{"storage":"100Gi"}}},"status":{"phase":"Bound","capacity":{"storage":"100Gi"}}}""");
        world.Cluster.Put(ResourceTypes.Secrets, Namespace, ImageRegistryNames.CloudSecret, """{"data":{"clouds.yaml":""}}""");
        world.AddNode("worker-a");
        world.AddNode("worker-b");
        world.Reconcile();
        await MigrationRuns.CreateAsync(new NewMigration { Place = world.Place, System = OpenShiftSystem.SystemName }, null, Session, Cancellation);
        return world;
    }

    public void AddNode(string name, string spec = "{}") =>
        Cluster.Put(ResourceTypes.Nodes, null, name, $$"""{"spec":{{spec}},"status":{"conditions":[{"type":"Ready","status":"True"}]} }""");

    /// <summary>What the operator, the deployment controller and the kubelet do together.</summary>
    public void Reconcile()
    {
        var config = Config;
        var readOnly = config.Flag("spec", "readOnly") == true;
        var storage = config.Section("spec", "storage")!;
        var replicas = config.Number("spec", "replicas") ?? 0;
        var environment = new JsonArray();
        var volumes = new JsonArray();
        if (storage["swift"]?["container"] is { } container)
            Set("REGISTRY_STORAGE", "swift", "REGISTRY_STORAGE_SWIFT_CONTAINER", (string)container!);
        else if (storage["s3"]?["bucket"] is { } bucket)
            Set("REGISTRY_STORAGE", "s3", "REGISTRY_STORAGE_S3_BUCKET", (string)bucket!);
        else
        {
            Set("REGISTRY_STORAGE", "filesystem");
            volumes.Add(new JsonObject { ["name"] = "registry-storage", ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = storage["pvc"]!["claim"]!.DeepClone() } });
        }

        if (readOnly)
            Set(ImageRegistryNames.ReadOnlyVariable, "{enabled: true}");
        var podSpec = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "registry", ["env"] = environment }), ["volumes"] = volumes };
        Cluster.Put(ResourceTypes.Deployments, Namespace, ImageRegistryNames.Deployment, new JsonObject
        {
            ["spec"] = new JsonObject
            {
                ["replicas"] = replicas,
                ["strategy"] = new JsonObject { ["type"] = config.Text("spec", "rolloutStrategy") ?? "RollingUpdate" },
                ["template"] = new JsonObject { ["spec"] = podSpec },
            },
        });
        Cluster.Edit(ResourceTypes.Deployments, Namespace, ImageRegistryNames.Deployment, deployment => deployment["status"] = new JsonObject
        {
            ["observedGeneration"] = deployment["metadata"]!["generation"]!.DeepClone(),
            ["replicas"] = replicas,
            ["updatedReplicas"] = replicas,
            ["readyReplicas"] = replicas,
            ["availableReplicas"] = replicas,
        });
        PutPod("image-registry-0", podSpec);
        JsonArray Conditions() => new(Condition("Available", "True"), Condition("Progressing", "False"), Condition("Degraded", "False"), Condition("StorageExists", "True"));
        Cluster.Edit(OpenShiftTypes.Configs, null, ImageRegistryNames.Config, written => written["status"] = new JsonObject
        {
            ["observedGeneration"] = written["metadata"]!["generation"]!.DeepClone(),
            ["readyReplicas"] = replicas,
            ["storage"] = storage.DeepClone(),
            ["conditions"] = Conditions(),
        });
        Cluster.Put(OpenShiftTypes.ClusterOperators, null, ImageRegistryNames.ClusterOperator, new JsonObject { ["status"] = new JsonObject { ["conditions"] = Conditions() } });

        void Set(params string[] pairs)
        {
            foreach (var pair in pairs.Chunk(2))
                environment.Add(new JsonObject { ["name"] = pair[0], ["value"] = pair[1] });
        }
    }

    public void PutPod(string name, JsonObject spec, string phase = "Running") => Cluster.Put(ResourceTypes.Pods, Namespace, name, new JsonObject
    {
        ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["docker-registry"] = "default" } },
        ["spec"] = spec.DeepClone(),
        ["status"] = new JsonObject { ["phase"] = phase },
    });

    /// <summary>What steps of the migration work with.</summary>
    public StepContext Context(RegistryMigrationInfo info) => new(info, Work.Client, Work.Time, Work.Timeout);

    /// <summary>Opens the migration, as a session after a crash does.</summary>
    public Task<MigrationRun> OpenAsync() => MigrationRuns.OpenAsync(Place, null, Session, Cancellation);

    /// <summary>Runs a step in a session of its own.</summary>
    public async Task<MigrationStep> RunAsync(Func<RegistryMigrationInfo, IMigrationStep> make)
    {
        await using var run = await OpenAsync();
        return await run.RunAsync(make(run.Info), Cancellation);
    }

    /// <inheritdoc cref="RunAsync(Func{RegistryMigrationInfo, IMigrationStep})" />
    public async Task<MigrationStep> RunAsync(Func<RegistryMigrationInfo, Task<IMigrationStep>> make)
    {
        await using var run = await OpenAsync();
        return await run.RunAsync(await make(run.Info), Cancellation);
    }

    public async Task<RegistryMigrationInfo> ReadAsync()
    {
        await using var run = await OpenAsync();
        return run.Info;
    }

    public Task<MigrationStep> SuspendAsync() => RunAsync(info => new SuspendPrunerStep(RecurringStep.IdOf(info.Steps, StepActions.SuspendPruner), Work));

    public Task<MigrationStep> ResumeAsync() => RunAsync(info =>
        new ResumePrunerStep(RecurringStep.IdOf(info.Steps, StepActions.ResumePruner), info.Steps.First(step => step.Action == StepActions.SuspendPruner && step.State != MigrationStepState.Undone), Work));

    public Task<MigrationStep> BlockAsync(PushResult? push = null) => RunAsync(info =>
        OpenShiftSystem.Instance.BlockWritesAsync(Context(info), new BlockRequest(_ => Task.FromResult(push ?? Push(WriteVerdict.Refused))), Cancellation));

    public Task<MigrationStep> AllowAsync(bool force = false, PushResult? push = null) => RunAsync(info =>
        OpenShiftSystem.Instance.AllowWritesAsync(Context(info), new AllowRequest(_ => Task.FromResult(push ?? Push(WriteVerdict.Accepted)), force), Cancellation));

    public Task<MigrationStep> SwitchAsync(SwitchRequest? request = null, BackendTarget? target = null) => RunAsync(info => Switch(info, request, target));

    public SwitchBackendStep Switch(RegistryMigrationInfo info, SwitchRequest? request = null, BackendTarget? target = null) =>
        new(RecurringStep.IdOf(info.Steps, StepActions.SwitchBackend), info, target ?? BackendTarget.OfStore(new RegistryStore(Container), new RegistryCredentialSource()), request ?? new SwitchRequest(), Work);

    public Task<MigrationStep> RemoveAsync(TimeSpan? hold = null, bool force = false) => RunAsync(info =>
        new RemoveVolumeStep(RecurringStep.IdOf(info.Steps, StepActions.RemoveVolume), info, hold ?? TimeSpan.Zero, force, Work));

    /// <summary>Records a pass that begins now.</summary>
    public async Task PassAsync(string from = Volume, string to = Container, long copied = 0, long failed = 0, long deferred = 0, bool partial = false, TimeSpan ago = default)
    {
        await using var run = await OpenAsync();
        await run.RecordPassAsync(new MigrationPass { Source = from, Destination = to, Copied = copied, Failed = failed, Deferred = deferred, IsPartial = partial, StartedAt = TimeProvider.System.GetUtcNow() - ago, Status = failed > 0 ? SyncStatus.Failed : SyncStatus.Completed }, Cancellation);
    }

    public async Task AuditAsync(string store = Container, long defects = 0, bool partial = false)
    {
        await using var run = await OpenAsync();
        await run.RecordAsync(new AuditRecord(store, true, partial, 5, 500, 2, defects, TimeProvider.System.GetUtcNow(), TimeSpan.Zero).ToStep(run.Steps), Cancellation);
    }

    public async Task PullAsync(long images = 3, long failed = 0)
    {
        await using var run = await OpenAsync();
        await run.RecordAsync(new PullRecord("https://registry.test", images, failed, 500, TimeProvider.System.GetUtcNow(), TimeSpan.Zero).ToStep(run.Steps), Cancellation);
    }

    /// <summary>Everything up to the cut-over.</summary>
    public async Task PrepareAsync()
    {
        await SuspendAsync();
        await PassAsync(copied: 10);
        await BlockAsync();
        await PassAsync();
        await AuditAsync();
    }

    /// <summary>Undoes everything in a session of its own.</summary>
    public async Task<IReadOnlyList<MigrationStep>> UndoAsync(bool force = false, CancellationToken? cancellationToken = null)
    {
        await using var run = await OpenAsync();
        var undone = new List<MigrationStep>();
        await foreach (var step in MigrationUndo.RunAsync(run, MigrationSystems.UndosFor(Context(run.Info)), null, force, cancellationToken ?? Cancellation))
            undone.Add(step);
        return undone;
    }

    public static PushResult Push(WriteVerdict verdict) => new()
    {
        Registry = "https://registry.test",
        Repository = ProbeRepositories.OpenShift,
        ExpectRefused = verdict != WriteVerdict.Accepted,
        Verdict = verdict,
        StatusCode = verdict switch { WriteVerdict.Refused => 405, WriteVerdict.Accepted => 201, _ => 401 },
        Message = $"It is {verdict}.",
        Reference = ImageReference.ByTag(ProbeRepositories.OpenShift, "probe"),
        Pull = new PullResult { Reference = ImageReference.ByTag(ProbeRepositories.OpenShift, "probe"), Registry = "https://registry.test" },
    };

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private MigrationPlace Place => new("move", Path.Combine(_folder, "move.jsonl"), null);

    private static MigrationSession Session => new() { User = "tester", Machine = "here", ModuleVersion = "0", Time = TimeProvider.System };

    private static JsonObject Condition(string type, string status) => new() { ["type"] = type, ["status"] = status, ["reason"] = "AsTold" };
}
