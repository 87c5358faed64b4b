using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using RegistryMigration.Clusters.InCluster;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Tests.Lab;
using RegistryMigration.Engine.Audit;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;
using RegistryMigration.Worker.Demo;

namespace RegistryMigration.Clusters.Tests.InCluster;

/// <summary>A volume copied to a real Swift by the real worker, under a real API server and Job controller.</summary>
public sealed class RealCopyTests(KubeLab lab)
{
    private readonly List<string> _warnings = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Four_parts_survive_a_kill_and_a_session_that_leaves()
    {
        await using var space = await CopyLab.StartAsync(lab, "swift");
        var sample = await SampleRegistry.WriteAsync(space.Directory, new SampleOptions { LargeLayerBytes = 4 << 20 }, Cancellation);
        var swift = await space.SwiftAsync();
        using var client = await space.ConnectAsync();
        var job = await StartAsync(client, Request(swift) with { Shards = 4, Parallelism = 4, Options = new SyncOptions { BytesPerSecond = 1_200_000 } });
        Assert.Equal(RegistrySyncStatus.Copying, job.Status);

        // The session leaves as soon as it has seen progress, and one part is killed.
        using (var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancellation))
        {
            var seen = new Recorder(progress =>
            {
                if (progress.CopiedBytes > 0)
                    leaving.Cancel();
            });
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new SyncWait(client, TimeProvider.System) { Progress = seen, Warning = Warn }.WaitAsync(CopyLab.Namespace, job.Name, leaving.Token));
            Assert.NotNull(seen.Last);
        }

        var killed = await KillAsync(space, client, job.Name);

        // Another session, which knows nothing but the name.
        using var later = await space.ConnectAsync();
        var ended = await WaitAsync(later, job.Name);
        Assert.True(ended.Status == RegistrySyncStatus.Completed, ended.Problem);
        Assert.Equal(8, ended.Parts.Count);
        Assert.Single(ended.Parts.Select(part => part.Node).Distinct());
        Assert.Equal(2, ended.Parts.Single(part => part.Phase == "blobs" && part.Index == killed).Attempts);
        Assert.All(ended.Parts.Where(part => part.Phase == "links"), part => Assert.Equal(1, part.Attempts));
        Assert.Contains(_warnings, warning => warning.Contains("exit code 137", StringComparison.Ordinal));

        var result = await new SyncReceipt(later).ReceiveAsync(CopyLab.Namespace, job.Name, swift, Cancellation);
        Assert.Equal(SyncStatus.Completed, result.Status);
        Assert.Empty(result.Failures);
        Assert.Same(swift, result.Destination);
        await using (var open = await StoreFactory.OpenAsync(swift, StoreContext.Create(TimeProvider.System), null, Cancellation))
        {
            var audit = await new StoreAudit(open, null, new AuditOptions { Deep = true }, TimeProvider.System).RunAsync(Cancellation);
            Assert.True(audit.IsClean);
            Assert.Equal(sample.Tags, audit.Tags);
            Assert.Equal(sample.BlobBytes, audit.HashedBytes);
        }

        Assert.True(await RemoveAsync(later, job.Name));
        Assert.Empty(await space.LeftoversAsync(job.Name));

        // Back, into a new claim that nobody uses: three parts, on one node of their choice.
        var back = await StartAsync(client, Request(swift) with { Direction = SyncDirection.ToClaim, Claim = CopyLab.FreeClaim, Shards = 3, Parallelism = 3, Identity = new PodIdentity { RunAsUser = 7 } });
        var returned = await WaitAsync(client, back.Name);
        Assert.True(returned.Status == RegistrySyncStatus.Completed, returned.Problem);
        Assert.Single(returned.Parts.Select(part => part.Node).Distinct());
        var reverse = await new SyncReceipt(client).ReceiveAsync(CopyLab.Namespace, back.Name, null, Cancellation);
        Assert.Equal((swift.ToString(), 0L, result.Copied + result.Unchanged), (reverse.Source.ToString(), reverse.Failed, reverse.Copied));
        Assert.Equal(Content(space.Directory), Content(space.FreeDirectory));

        // Once more, in one part: everything is there.
        var again = await StartAsync(client, Request(swift));
        Assert.Equal(RegistrySyncStatus.Completed, (await WaitAsync(client, again.Name)).Status);
        var second = await new SyncReceipt(client).ReceiveAsync(CopyLab.Namespace, again.Name, null, Cancellation);
        Assert.Equal(0, second.Copied);
        Assert.Equal(result.Copied + result.Unchanged, second.Unchanged);
        Assert.Equal("swift://" + swift.Address.Container, second.Destination.ToString());
    }

    [Fact]
    public async Task What_keeps_a_copy_from_its_work_is_said()
    {
        await using var space = await CopyLab.StartAsync(lab, "swift");
        await SampleRegistry.WriteAsync(space.Directory, new SampleOptions { Repositories = 1, LargeLayerBytes = 100_000 }, Cancellation);
        using var client = await space.ConnectAsync();
        var swift = await space.SwiftAsync();
        await StartAsync(client, Request(swift) with { Name = "missing", Image = "missing.invalid/worker@sha256:" + new string('a', 64) });
        var stuck = await Assert.ThrowsAsync<ClusterException>(() => WaitAsync(client, "missing"));
        Assert.Equal("ImagePullBackOff", stuck.Reason);
        Assert.True(await RemoveAsync(client, "missing"));

        var wrong = new RegistryStore(swift.Address) { Swift = new SwiftOptions { AuthUrl = swift.Swift.AuthUrl, UserName = swift.Swift.UserName, Password = new Secret("wrong") } };
        await StartAsync(client, Request(wrong) with { Name = "wrong", Retries = 0 });
        var failed = await WaitAsync(client, "wrong");
        Assert.Equal(RegistrySyncStatus.Failed, failed.Status);
        Assert.Contains("exit code 1", failed.Problem, StringComparison.Ordinal);
        Assert.Contains("BackoffLimitExceeded", failed.Problem, StringComparison.Ordinal);
        Assert.Contains("Its last lines", failed.Problem, StringComparison.Ordinal);
        var received = await new SyncReceipt(client).ReceiveAsync(CopyLab.Namespace, "wrong", null, Cancellation);
        Assert.Equal(SyncStatus.Failed, received.Status);
        Assert.Equal("all 0/1", Assert.Single(received.Failures).Key);
        Assert.True(await RemoveAsync(client, "wrong"));
    }

    // What a registry serves: every file with its bytes, and no unfinished upload.
    private static SortedDictionary<string, string> Content(string directory) => new(
        Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Where(file => !file.Contains("/_uploads/", StringComparison.Ordinal)).ToDictionary(file => Path.GetRelativePath(directory, file), file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))), StringComparer.Ordinal);

    private static SyncJobRequest Request(RegistryStore destination) => new()
    {
        Namespace = CopyLab.Namespace,
        Claim = CopyLab.Claim,
        Store = destination,
        Image = "registry.test/tools/registry-migration@sha256:" + new string('0', 64),
    };

    private static async Task<RegistrySyncJob> StartAsync(IKubernetesClient client, SyncJobRequest request) =>
        await new SyncStart(client, TimeProvider.System).StartAsync(await new SyncPlanning(client, TimeProvider.System).PlanAsync(request, Cancellation), Cancellation);

    private Task<RegistrySyncJob> WaitAsync(IKubernetesClient client, string name) => new SyncWait(client, TimeProvider.System) { Warning = Warn }.WaitAsync(CopyLab.Namespace, name, Cancellation);

    private static Task<bool> RemoveAsync(IKubernetesClient client, string name) => new SyncRemoval(client, TimeProvider.System).RemoveAsync(CopyLab.Namespace, name, waitForPods: true, Cancellation);

    // Ends one worker as a node that runs out of memory would.
    private static async Task<int> KillAsync(CopyLab space, IKubernetesClient client, string name)
    {
        while (true)
        {
            foreach (var pod in await SyncReader.OwnAsync(client, ResourceTypes.Pods, CopyLab.Namespace, name, Cancellation))
            {
                var file = Path.Combine(space.Lab.Directory, "run", $"pod-{pod.Uid}-{SyncNames.Container}.pid");
                if (pod.Text("status", "phase") != "Running" || !File.Exists(file))
                    continue;
                using var process = Process.GetProcessById(int.Parse((await File.ReadAllTextAsync(file, Cancellation)).Split(' ')[0], CultureInfo.InvariantCulture));
                process.Kill();
                return SyncNames.IndexOf(pod);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
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
