using System.Diagnostics;
using RegistryMigration.Clusters.InCluster;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Tests.Lab;
using RegistryMigration.Engine.Audit;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Lab.Cluster;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.InCluster;

/// <summary>A registry's volume copied to a real Swift by the real worker, under a real API server and Job controller.</summary>
public sealed class RealCopyTests(KubeLab lab)
{
    private const string Namespace = "openshift-image-registry";
    private const string Claim = "image-registry-storage";
    private const int Images = 6;

    private readonly List<string> _warnings = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Worker => Path.Combine(AppContext.BaseDirectory, "registry-migration");

    [Fact]
    public async Task Four_parts_survive_a_kill_and_a_session_that_leaves()
    {
        await lab.RequireAsync("swift");
        await using var world = await FilledWorldAsync();
        var swift = await SwiftAsync();
        using var client = await ConnectAsync();
        var request = Request(swift) with { Shards = 4, Parallelism = 4, Options = new SyncOptions { BytesPerSecond = 2_000_000 } };
        var plan = await new SyncPlanning(client, TimeProvider.System).PlanAsync(request, Cancellation);
        var job = await new SyncStart(client, TimeProvider.System).StartAsync(plan, Cancellation);
        Assert.Equal(RegistrySyncStatus.Copying, job.Status);

        // The session leaves as soon as it has seen progress, and one part is killed.
        using (var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancellation))
        {
            leaving.CancelAfter(TimeSpan.FromMinutes(1));
            var seen = new Recorder(progress =>
            {
                if (progress.CopiedBytes > 0)
                    leaving.Cancel();
            });
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new SyncWait(client, TimeProvider.System) { Progress = seen, Warning = Warn }.WaitAsync(Namespace, job.Name, leaving.Token));
            Assert.NotNull(seen.Last);
        }

        var killed = await KillAsync(client, job.Name);

        // Another session, which knows nothing but the name.
        using var later = await ConnectAsync();
        var ended = await new SyncWait(later, TimeProvider.System) { Warning = Warn }.WaitAsync(Namespace, job.Name, Cancellation);
        Assert.True(ended.Status == RegistrySyncStatus.Completed, ended.Problem);
        Assert.Equal(8, ended.Parts.Count);
        Assert.Equal(2, ended.Parts.Single(part => part.Phase == "blobs" && part.Index == killed).Attempts);
        Assert.All(ended.Parts.Where(part => part.Phase == "links"), part => Assert.Equal(1, part.Attempts));
        Assert.Contains(_warnings, warning => warning.Contains("exit code 137", StringComparison.Ordinal));

        var result = await new SyncReceipt(later).ReceiveAsync(Namespace, job.Name, swift, Cancellation);
        Assert.Equal(SyncStatus.Completed, result.Status);
        Assert.Empty(result.Failures);
        Assert.Same(swift, result.Destination);
        await AssertWholeAsync(swift);

        Assert.True(await new SyncRemoval(later, TimeProvider.System).RemoveAsync(Namespace, job.Name, waitForPods: true, Cancellation));
        await AssertNothingIsLeftAsync(job.Name);

        // Once more: everything is there.
        var again = await RunAsync(client, Request(swift));
        Assert.Equal(SyncStatus.Completed, again.Status);
        Assert.Equal(0, again.Copied);
        Assert.True(again.Unchanged > Images * 3);
    }

    [Fact]
    public async Task What_keeps_a_copy_from_its_work_is_said()
    {
        await lab.RequireAsync("swift");
        await using var world = await FilledWorldAsync(images: 1);
        using var client = await ConnectAsync();
        var swift = await SwiftAsync();
        var missing = Request(swift) with { Name = "missing", Image = "missing.invalid/worker@sha256:" + new string('a', 64) };
        await StartAsync(client, missing);
        var stuck = await Assert.ThrowsAsync<ClusterException>(() => WaitAsync(client, "missing"));
        Assert.Equal("ImagePullBackOff", stuck.Reason);
        Assert.True(await new SyncRemoval(client, TimeProvider.System).RemoveAsync(Namespace, "missing", waitForPods: true, Cancellation));

        var wrong = Request(new RegistryStore(swift.Address) { Swift = new SwiftOptions { AuthUrl = swift.Swift.AuthUrl, UserName = swift.Swift.UserName, Password = new Secret("wrong") } });
        await StartAsync(client, wrong with { Name = "wrong", Retries = 0 });
        var failed = await WaitAsync(client, "wrong");
        Assert.Equal(RegistrySyncStatus.Failed, failed.Status);
        Assert.Contains("exit code 1", failed.Problem, StringComparison.Ordinal);
        Assert.Contains("BackoffLimitExceeded", failed.Problem, StringComparison.Ordinal);
        var received = await new SyncReceipt(client).ReceiveAsync(Namespace, "wrong", null, Cancellation);
        Assert.Equal(SyncStatus.Failed, received.Status);
        Assert.Equal("all 0/1", Assert.Single(received.Failures).Key);
        Assert.True(await new SyncRemoval(client, TimeProvider.System).RemoveAsync(Namespace, "wrong", waitForPods: true, Cancellation));
    }

    private static SyncJobRequest Request(RegistryStore destination) => new()
    {
        Namespace = Namespace,
        Claim = Claim,
        Destination = destination,
        Image = "registry.test/tools/registry-migration@sha256:" + new string('0', 64),
    };

    private async Task<RegistryWorld> FilledWorldAsync(int images = Images)
    {
        var world = await lab.CreateWorldAsync(worker: Worker);
        try
        {
            await world.WaitReadyAsync(Cancellation);
            for (var i = 0; i < images; i++)
                await world.PushAsync($"demo/app{i}", "latest", Cancellation, seed: i, bytes: 2_000_000);
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    private async Task<RegistryStore> SwiftAsync()
    {
        var access = lab.Cluster.Lab.Swift!;
        var store = new RegistryStore($"swift://copy-{Guid.NewGuid().ToString("n")[..10]}") { Swift = new SwiftOptions { AuthUrl = access.AuthUrl, UserName = access.User, Password = new Secret(access.Key) } };
        await using var bare = StoreFactory.Connect(store, "", StoreContext.Create(TimeProvider.System));
        await bare.InitializeAsync(new Dictionary<string, string>(), Cancellation);
        return store;
    }

    private Task<IKubernetesClient> ConnectAsync() => KubernetesClients.ConnectAsync(lab.Cluster.Options(), TimeProvider.System, Cancellation);

    private static async Task StartAsync(IKubernetesClient client, SyncJobRequest request) =>
        await new SyncStart(client, TimeProvider.System).StartAsync(await new SyncPlanning(client, TimeProvider.System).PlanAsync(request, Cancellation), Cancellation);

    private Task<RegistrySyncJob> WaitAsync(IKubernetesClient client, string name) => new SyncWait(client, TimeProvider.System) { Warning = Warn }.WaitAsync(Namespace, name, Cancellation);

    private async Task<SyncResult> RunAsync(IKubernetesClient client, SyncJobRequest request)
    {
        await StartAsync(client, request with { Name = "again" });
        var ended = await WaitAsync(client, "again");
        Assert.True(ended.Status == RegistrySyncStatus.Completed, ended.Problem);
        var result = await new SyncReceipt(client).ReceiveAsync(Namespace, "again", request.Destination, Cancellation);
        await new SyncRemoval(client, TimeProvider.System).RemoveAsync(Namespace, "again", waitForPods: true, Cancellation);
        return result;
    }

    // Ends one worker as a node that runs out of memory would.
    private async Task<int> KillAsync(IKubernetesClient client, string name)
    {
        while (true)
        {
            foreach (var pod in await SyncReader.OwnAsync(client, ResourceTypes.Pods, Namespace, name, Cancellation))
            {
                var file = Path.Combine(lab.Cluster.Lab.Directory, "run", $"pod-{pod.Uid}-{SyncNames.Container}.pid");
                if (pod.Text("status", "phase") != "Running" || !File.Exists(file))
                    continue;
                using var process = Process.GetProcessById(int.Parse((await File.ReadAllTextAsync(file, Cancellation)).Trim().Split(' ', '\n')[0], System.Globalization.CultureInfo.InvariantCulture));
                process.Kill();
                return SyncNames.IndexOf(pod);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
        }
    }

    private static async Task AssertWholeAsync(RegistryStore store)
    {
        await using var open = await StoreFactory.OpenAsync(store, StoreContext.Create(TimeProvider.System), null, Cancellation);
        var audit = await new StoreAudit(open, null, new AuditOptions { Deep = true }, TimeProvider.System).RunAsync(Cancellation);
        Assert.True(audit.IsClean);
        Assert.Equal(Images, audit.Tags);
    }

    private async Task AssertNothingIsLeftAsync(string name)
    {
        foreach (var collection in new[] { "/apis/batch/v1", "/apis/networking.k8s.io/v1", "/api/v1", "/api/v1", "/api/v1" }.Zip(new[] { "jobs", "networkpolicies", "configmaps", "secrets", "pods" }))
        {
            var objects = await lab.Cluster.Api.ListAsync($"{collection.First}/namespaces/{Namespace}/{collection.Second}", Cancellation);
            Assert.DoesNotContain(objects, found => found.Text("metadata", "labels", SyncNames.SyncLabel) == name);
        }
    }

    private void Warn(string message)
    {
        lock (_warnings)
            _warnings.Add(message);
    }

    private sealed class Recorder(Action<SyncProgress> told) : IProgress<SyncProgress>
    {
        public SyncProgress? Last { get; private set; }

        public void Report(SyncProgress value)
        {
            Last = value;
            told(value);
        }
    }
}
