using RegistryMigration.Clusters.InCluster;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.InCluster;

public class PhaseTests
{
    private readonly SyncSpace _space = new();
    private readonly List<string> _warnings = [];

    private static SyncJobRequest Request => SyncSpace.Request() with { Shards = 3, Parallelism = 2, Retries = 2 };

    [Fact]
    public async Task Several_parts_are_an_Indexed_Job_whose_pods_know_their_part()
    {
        var job = await _space.StartAsync(Request);
        Assert.Equal(RegistrySyncStatus.Copying, job.Status);
        Assert.Equal("images/copy", job.ToString());
        var blobs = _space.Job("copy-blobs");
        Assert.Equal("Indexed", blobs.Text("spec", "completionMode"));
        Assert.Equal(3, blobs.Number("spec", "completions"));
        Assert.Equal(2, blobs.Number("spec", "parallelism"));
        Assert.Equal(6, blobs.Number("spec", "backoffLimit"));
        Assert.Null(blobs.Number("spec", "ttlSecondsAfterFinished"));
        Assert.Equal(["sync", "--phases=blobs", "--shards=$(JOB_COMPLETION_INDEX)/3"], blobs.Items("spec", "template", "spec", "containers").First()["args"]!.AsArray().Select(argument => (string)argument!));
        Assert.Null(_space.Cluster.Peek(ResourceTypes.Jobs, SyncSpace.Namespace, "copy-links"));
    }

    [Fact]
    public async Task One_part_is_one_Job_without_phases()
    {
        await _space.StartAsync(SyncSpace.Request());
        var job = _space.Job("copy-all");
        Assert.Null(job.Text("spec", "completionMode"));
        Assert.Equal(["sync", "--phases=all"], job.Items("spec", "template", "spec", "containers").First()["args"]!.AsArray().Select(argument => (string)argument!));
        Assert.Equal(86400, job.Number("spec", "ttlSecondsAfterFinished"));
    }

    [Fact]
    public async Task Links_begin_when_every_blob_is_there_and_wherever_the_claim_is_then()
    {
        await _space.StartAsync(Request);
        var step = 0;
        _space.Time.Meanwhile = () =>
        {
            switch (step++)
            {
                case 0:
                    _space.Succeed("copy-blobs", 0, SyncSpace.Result(1));
                    _space.Succeed("copy-blobs", 2, SyncSpace.Result(3));
                    break;
                case 1:
                    Assert.Null(_space.Cluster.Peek(ResourceTypes.Jobs, SyncSpace.Namespace, "copy-links"));
                    _space.Succeed("copy-blobs", 1, SyncSpace.Result(2));
                    _space.End("copy-blobs");
                    // The registry was restarted on another node meanwhile.
                    _space.Cluster.Edit(ResourceTypes.Pods, SyncSpace.Namespace, "image-registry-abc", pod => pod["spec"]!["nodeName"] = "worker-2");
                    break;
                case 2:
                    Assert.Contains("worker-2", _space.Job("copy-links").At("spec", "template", "spec", "affinity")!.ToJsonString(), StringComparison.Ordinal);
                    for (var index = 0; index < 3; index++)
                        _space.Succeed("copy-links", index, SyncSpace.Result(10, phase: "links"));
                    _space.End("copy-links");
                    break;
            }
        };
        var job = await WaitAsync();
        Assert.Equal(RegistrySyncStatus.Completed, job.Status);
        Assert.Equal(6, job.Parts.Count);
        Assert.All(job.Parts, part => Assert.Equal(RegistrySyncPartState.Succeeded, part.State));

        var result = await _space.ReceiveAsync();
        Assert.Equal(SyncStatus.Completed, result.Status);
        Assert.Equal(36, result.Copied);
        Assert.Equal(["blobs", "links"], result.Phases.Select(phase => phase.Name));
        Assert.Equal(TimeSpan.FromSeconds(3), result.Phases[0].Duration);
        Assert.Equal(6, result.Phases[0].Copied);
    }

    [Fact]
    public async Task Another_session_goes_on_where_the_first_stopped_waiting()
    {
        await _space.StartAsync(Request);
        using var stop = new CancellationTokenSource();
        _space.Time.Meanwhile = stop.Cancel;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new SyncWait(_space.Cluster, _space.Time).WaitAsync(SyncSpace.Namespace, "copy", stop.Token));
        for (var index = 0; index < 3; index++)
            _space.Succeed("copy-blobs", index, SyncSpace.Result(1));
        _space.End("copy-blobs");
        Assert.Equal(RegistrySyncStatus.BlobsCopied, (await _space.GetAsync()).Status);
        Assert.Equal(ClusterErrorKind.Precondition, (await Assert.ThrowsAsync<ClusterException>(() => _space.ReceiveAsync())).Kind);

        _space.Time.Meanwhile = () =>
        {
            for (var index = 0; index < 3; index++)
                _space.Succeed("copy-links", index, SyncSpace.Result(1));
            _space.End("copy-links");
        };
        Assert.Equal(RegistrySyncStatus.Completed, (await WaitAsync()).Status);
        // A third session waits for what is completed: nothing is made again.
        var before = _space.Cluster.Changes.Count();
        Assert.Equal(RegistrySyncStatus.Completed, (await WaitAsync()).Status);
        Assert.Equal(before, _space.Cluster.Changes.Count());
    }

    [Fact]
    public async Task The_last_Job_owns_the_record_and_the_record_the_rest()
    {
        await _space.StartAsync(Request);
        var record = _space.Cluster.Peek(ResourceTypes.ConfigMaps, SyncSpace.Namespace, "copy")!;
        Assert.Empty(record.Items("metadata", "ownerReferences"));
        foreach (var owned in new[] { _space.Job("copy-blobs"), _space.Cluster.Peek(ResourceTypes.Secrets, SyncSpace.Namespace, "copy-credentials")!, _space.Cluster.Peek(ResourceTypes.NetworkPolicies, SyncSpace.Namespace, "copy")! })
        {
            var owner = Assert.Single(owned.Items("metadata", "ownerReferences"));
            Assert.Equal(record.Uid, (string?)owner["uid"]);
            Assert.Null(owner["blockOwnerDeletion"]);
        }

        for (var index = 0; index < 3; index++)
            _space.Succeed("copy-blobs", index, SyncSpace.Result(1));
        _space.End("copy-blobs");
        _space.Time.Meanwhile = () => _space.End("copy-links");
        await WaitAsync();
        record = _space.Cluster.Peek(ResourceTypes.ConfigMaps, SyncSpace.Namespace, "copy")!;
        Assert.Equal(_space.Job("copy-links").Uid, (string?)Assert.Single(record.Items("metadata", "ownerReferences"))["uid"]);
        Assert.Empty(_space.Job("copy-links").Items("metadata", "ownerReferences"));
        Assert.Equal(86400, _space.Job("copy-links").Number("spec", "ttlSecondsAfterFinished"));
    }

    [Fact]
    public async Task Removing_takes_everything_and_nothing_else()
    {
        _space.Cluster.Put(ResourceTypes.Secrets, SyncSpace.Namespace, "theirs", """{"data":{}}""");
        await _space.StartAsync(Request);
        Assert.True(await new SyncRemoval(_space.Cluster, _space.Time).RemoveAsync(SyncSpace.Namespace, "copy", waitForPods: true, TestContext.Current.CancellationToken));
        Assert.Null(_space.Cluster.Peek(ResourceTypes.Jobs, SyncSpace.Namespace, "copy-blobs"));
        Assert.Null(_space.Cluster.Peek(ResourceTypes.Secrets, SyncSpace.Namespace, "copy-credentials"));
        Assert.Null(_space.Cluster.Peek(ResourceTypes.NetworkPolicies, SyncSpace.Namespace, "copy"));
        Assert.Null(_space.Cluster.Peek(ResourceTypes.ConfigMaps, SyncSpace.Namespace, "copy"));
        Assert.NotNull(_space.Cluster.Peek(ResourceTypes.Secrets, SyncSpace.Namespace, "theirs"));
        Assert.NotNull(_space.Cluster.Peek(ResourceTypes.Pods, SyncSpace.Namespace, "image-registry-abc"));
        Assert.False(await new SyncRemoval(_space.Cluster, _space.Time).RemoveAsync(SyncSpace.Namespace, "copy", waitForPods: true, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_pod_that_does_not_end_is_said()
    {
        await _space.StartAsync(SyncSpace.Request());
        var pod = _space.Pod("copy-all", 0, """{"phase":"Running"}""");
        var late = await Assert.ThrowsAsync<ClusterException>(() => new SyncRemoval(_space.Cluster, _space.Time).RemoveAsync(SyncSpace.Namespace, "copy", waitForPods: true, TestContext.Current.CancellationToken));
        Assert.Equal(ClusterErrorKind.TimedOut, late.Kind);
        Assert.Contains(pod, late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_is_not_there_says_where_to_look()
    {
        var missing = await Assert.ThrowsAsync<ClusterException>(() => _space.GetAsync("other"));
        Assert.Equal(ClusterErrorKind.NotFound, missing.Kind);
        Assert.Contains("Get-RegistrySync", missing.Message, StringComparison.Ordinal);
    }

    private Task<RegistrySyncJob> WaitAsync() => new SyncWait(_space.Cluster, _space.Time) { Warning = _warnings.Add }.WaitAsync(SyncSpace.Namespace, "copy", TestContext.Current.CancellationToken);
}
