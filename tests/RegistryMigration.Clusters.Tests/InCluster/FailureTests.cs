using RegistryMigration.Clusters.InCluster;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.InCluster;

public class FailureTests
{
    private readonly SyncSpace _space = new();
    private readonly List<string> _warnings = [];

    [Theory]
    [InlineData("ImagePullBackOff", "-ImagePullSecret", 0)]
    [InlineData("InvalidImageName", "digest", 0)]
    [InlineData("CreateContainerConfigError", "wait again", 30)]
    public async Task A_container_that_can_not_start_is_told_at_once(string reason, string step, int seconds)
    {
        await _space.StartAsync(SyncSpace.Request());
        _space.Pod("copy-all", 0, $$$$"""{"phase":"Pending","containerStatuses":[{"name":"worker","image":"x","state":{"waiting":{"reason":"{{{{reason}}}}","message":"because"}}}]}""");
        await StuckAsync(reason, step, seconds);
    }

    [Fact]
    public async Task No_node_is_told_with_the_reason()
    {
        await _space.StartAsync(SyncSpace.Request());
        _space.Pod("copy-all", 0, """{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/3 nodes are available: 1 Insufficient memory."}]}""");
        var stuck = await StuckAsync("Unschedulable", "-MemoryRequest", 30);
        Assert.Contains("Insufficient memory", stuck.Message, StringComparison.Ordinal);
        Assert.Contains("Insufficient memory", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_volume_that_can_not_be_mounted_is_read_from_events()
    {
        await _space.StartAsync(SyncSpace.Request());
        var pod = _space.Pod("copy-all", 0, """{"phase":"Pending"}""");
        Event(pod, "FailedAttachVolume", "Multi-Attach error for volume: Volume is already used by pod(s) image-registry-abc");
        await StuckAsync("FailedAttachVolume", "start again", 120);
    }

    [Fact]
    public async Task A_Job_that_can_make_no_pods_says_why()
    {
        await _space.StartAsync(SyncSpace.Request());
        Event("copy-all", "FailedCreate", "pods \"copy-all-\" is forbidden: unable to validate against any security context constraint");
        await StuckAsync("FailedCreate", "-RequiredScc", 30);
    }

    [Fact]
    public async Task A_problem_that_passes_ends_nothing()
    {
        await _space.StartAsync(SyncSpace.Request());
        var pod = _space.Pod("copy-all", 0, """{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"wait"}]}""");
        var waits = 0;
        _space.Time.Meanwhile = () =>
        {
            if (++waits != 5)
                return;
            _space.Cluster.Take(ResourceTypes.Pods, SyncSpace.Namespace, pod);
            _space.Succeed("copy-all", 0, SyncSpace.Result(1));
            _space.End("copy-all");
        };
        Assert.Equal(RegistrySyncStatus.Completed, (await WaitAsync()).Status);
        Assert.Single(_warnings);
    }

    [Fact]
    public async Task Too_much_memory_is_named_and_the_next_attempt_counts()
    {
        await _space.StartAsync(SyncSpace.Request());
        _space.Pod("copy-all", 0, SyncSpace.Ended("Failed", 137, "OOMKilled"));
        _space.Time.Meanwhile = () =>
        {
            _space.Succeed("copy-all", 0, SyncSpace.Result(4));
            _space.End("copy-all");
        };
        var job = await WaitAsync();
        Assert.Equal(RegistrySyncStatus.Completed, job.Status);
        Assert.Equal(2, Assert.Single(job.Parts).Attempts);
        Assert.Contains("-MemoryLimit", Assert.Single(_warnings), StringComparison.Ordinal);
        Assert.Equal(4, (await _space.ReceiveAsync()).Copied);
    }

    [Fact]
    public async Task Settings_that_the_worker_does_not_know_end_the_wait()
    {
        await _space.StartAsync(SyncSpace.Request());
        _space.Pod("copy-all", 0, SyncSpace.Ended("Failed", 2, "Error"));
        await StuckAsync("Usage", "one version", 0);
    }

    [Fact]
    public async Task A_Job_that_gave_up_says_pod_exit_code_last_lines_and_next_step()
    {
        await _space.StartAsync(SyncSpace.Request());
        var pod = _space.Pod("copy-all", 0, SyncSpace.Ended("Failed", 1, "Error"), """
            {"phase":"blobs","copied":1}
            {"warning":"slow"}
            {"error":"swift.test can't be reached: connection refused","kind":"Unreachable"}
            """.ReplaceLineEndings("\n"));
        _space.End("copy-all", "Failed", "BackoffLimitExceeded");
        var job = await WaitAsync();
        Assert.Equal(RegistrySyncStatus.Failed, job.Status);
        foreach (var part in new[] { pod, "exit code 1", "BackoffLimitExceeded", "connection refused", "443, 13000", "-EgressPort", "Start-RegistrySync" })
            Assert.Contains(part, job.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("\"copied\"", job.Problem, StringComparison.Ordinal);

        var result = await _space.ReceiveAsync();
        Assert.Equal(SyncStatus.Failed, result.Status);
        Assert.Equal("all 0/1", Assert.Single(result.Failures).Key);
    }

    [Fact]
    public async Task A_part_that_failed_with_a_result_brings_its_failures_from_the_log()
    {
        await _space.StartAsync(SyncSpace.Request());
        var failed = SyncSpace.Result(5, SyncStatus.Failed) with { Failed = 1, Failures = [new SyncFailure("blobs/x", Party.Target, StoreErrorKind.Full, "no space")] };
        _space.Pod("copy-all", 0, SyncSpace.Ended("Failed", 1, "Error", "cut off"), $"{{\"phase\":\"blobs\"}}\n{failed.ToJson()}");
        _space.End("copy-all", "Failed", "BackoffLimitExceeded");
        var result = await _space.ReceiveAsync();
        Assert.Equal(SyncStatus.Failed, result.Status);
        Assert.Equal(5, result.Copied);
        Assert.Equal("blobs/x", Assert.Single(result.Failures).Key);
    }

    [Fact]
    public async Task A_cluster_that_does_not_answer_for_a_while_ends_nothing()
    {
        await _space.StartAsync(SyncSpace.Request());
        var silent = 20;
        _space.Cluster.Before = _ => silent-- > 0 ? throw new ClusterException(ClusterErrorKind.Unreachable, "gone") : Task.CompletedTask;
        _space.Succeed("copy-all", 0, SyncSpace.Result(1));
        _space.End("copy-all");
        Assert.Equal(RegistrySyncStatus.Completed, (await WaitAsync()).Status);
        Assert.Single(_warnings);

        silent = int.MaxValue;
        Assert.Equal(ClusterErrorKind.Unreachable, (await Assert.ThrowsAsync<ClusterException>(WaitAsync)).Kind);
    }

    [Fact]
    public async Task A_Job_that_somebody_deleted_is_missed()
    {
        await _space.StartAsync(SyncSpace.Request());
        _space.Cluster.Take(ResourceTypes.Jobs, SyncSpace.Namespace, "copy-all");
        var job = await WaitAsync();
        Assert.Equal(RegistrySyncStatus.Failed, job.Status);
        Assert.Contains("Stop-RegistrySync", job.Problem, StringComparison.Ordinal);
    }

    private async Task<ClusterException> StuckAsync(string reason, string step, int seconds)
    {
        var start = _space.Time.GetTimestamp();
        var stuck = await Assert.ThrowsAsync<ClusterException>(WaitAsync);
        Assert.Equal(ClusterErrorKind.Precondition, stuck.Kind);
        Assert.Equal(reason, stuck.Reason);
        Assert.Contains(step, stuck.Message, StringComparison.Ordinal);
        Assert.InRange(_space.Time.GetElapsedTime(start).TotalSeconds, seconds, seconds + 4);
        return stuck;
    }

    private void Event(string about, string reason, string message) => _space.Cluster.Put(ResourceTypes.Events, SyncSpace.Namespace, $"{about}.1",
        $$$"""{"involvedObject":{"name":"{{{about}}}"},"reason":"{{{reason}}}","message":"{{{message.Replace("\"", "\\\"", StringComparison.Ordinal)}}}","lastTimestamp":"2026-01-01T00:00:00Z"}""");

    private Task<RegistrySyncJob> WaitAsync() => new SyncWait(_space.Cluster, _space.Time) { Warning = _warnings.Add }.WaitAsync(SyncSpace.Namespace, "copy", TestContext.Current.CancellationToken);
}
