using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Migrations;

public sealed class LeaseLockTests : IDisposable
{
    private const string Name = "registry-migration-m";
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);
    private readonly MigrationSpace _space = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _space.Dispose();

    private Resource Lease => _space.Cluster.Peek(ResourceTypes.Leases, "registry", Name)!;

    private async Task<MigrationRun> OpenAsync(MigrationPlace? place = null, MigrationSession? session = null) =>
        await MigrationRuns.OpenAsync(place ?? _space.Here, _space.Cluster, session ?? _space.Anna, Token);

    private Task<RegistryMigrationInfo> CreateAsync() => MigrationRuns.CreateAsync(_space.New, _space.Cluster, _space.Anna, Token);

    // A session on another machine that died: its lease stays.
    private void LeaveLease(string holder = "carl@gone 9") => _space.Cluster.Edit(ResourceTypes.Leases, "registry", Name, value =>
    {
        var time = _space.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        value["metadata"]!["annotations"] = new System.Text.Json.Nodes.JsonObject { [MigrationObjects.TokenAnnotation] = "another" };
        var spec = value["spec"]!.AsObject();
        (spec["holderIdentity"], spec["leaseDurationSeconds"], spec["acquireTime"], spec["renewTime"]) = (holder, 60, time, time);
    });

    [Fact]
    public async Task It_is_renewed_while_work_goes_on()
    {
        await CreateAsync();
        await using var run = await OpenAsync();
        var first = Lease.Text("spec", "renewTime");

        await _space.Time.AdvanceUntilAsync(() => _space.Time.GetUtcNow() >= new DateTimeOffset(2026, 3, 1, 12, 10, 0, TimeSpan.Zero), Step);

        Assert.NotEqual(first, Lease.Text("spec", "renewTime"));
        Assert.False(run.Lost.IsCancellationRequested);
        Assert.Equal("anna@host-anna 7", LeaseTimes.HolderOf(Lease)!.Name);
    }

    [Fact]
    public async Task One_that_ran_out_and_stands_still_is_taken_over()
    {
        await CreateAsync();
        LeaveLease();
        Assert.Equal(ClusterErrorKind.Locked, (await Assert.ThrowsAsync<ClusterException>(() => OpenAsync())).Kind);
        _space.Time.Advance(TimeSpan.FromSeconds(61));

        var opening = OpenAsync();
        await _space.Time.AdvanceUntilAsync(() => opening.IsCompleted, Step);

        await using var run = await opening;
        Assert.Equal("anna@host-anna 7", LeaseTimes.HolderOf(Lease)!.Name);
        Assert.Contains(_space.Notices, notice => notice.Contains("carl@gone 9", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_that_looks_expired_by_our_clock_and_is_renewed_is_left_alone()
    {
        await CreateAsync();
        LeaveLease();
        _space.Time.Advance(TimeSpan.FromMinutes(5));

        var opening = OpenAsync();
        await _space.Time.AdvanceUntilAsync(() => _space.Notices.Count > 0, Step);
        _space.Cluster.Edit(ResourceTypes.Leases, "registry", Name, value => value["spec"]!["renewTime"] = "2026-03-01T12:00:20.000000Z");
        await _space.Time.AdvanceUntilAsync(() => opening.IsCompleted, Step);

        var error = await Assert.ThrowsAsync<ClusterException>(() => opening);
        Assert.Contains("carl@gone 9", error.Message, StringComparison.Ordinal);
        Assert.Equal("carl@gone 9", LeaseTimes.HolderOf(Lease)!.Name);
    }

    [Fact]
    public async Task After_a_crash_the_same_machine_goes_on_at_once()
    {
        await CreateAsync();
        var holder = _space.Here.JournalPath + ".holder";
        await using (await OpenAsync())
        {
            File.Copy(holder, holder + ".kept");
            _space.Cluster.Before = request => request is { Verb: "update", Type.Plural: "leases" } ? throw new ClusterException(ClusterErrorKind.Unreachable, "dead") : Task.CompletedTask;
        }

        _space.Cluster.Before = null;
        File.Move(holder + ".kept", holder, overwrite: true);
        Assert.NotNull(LeaseTimes.HolderOf(Lease));

        await using var run = await OpenAsync();

        Assert.False(run.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task Losing_it_to_somebody_else_ends_what_is_under_way()
    {
        await CreateAsync();
        await using var run = await OpenAsync();
        var step = new CountingStep("One") { Around = token => Task.Delay(Timeout.InfiniteTimeSpan, token) };
        var running = run.RunAsync(step, Token);
        LeaveLease("carl@quick 9");

        await _space.Time.AdvanceUntilAsync(() => running.IsCompleted, Step);

        var error = await Assert.ThrowsAsync<ClusterException>(() => running);
        Assert.Equal(ClusterErrorKind.Locked, error.Kind);
        Assert.Contains("lock", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, step.Applied);
        Assert.Equal("carl@quick 9", LeaseTimes.HolderOf(Lease)!.Name);
    }

    [Fact]
    public async Task A_server_that_keeps_silent_ends_it_before_anybody_else_may_take_it()
    {
        await CreateAsync();
        var run = await OpenAsync();
        var began = _space.Time.GetUtcNow();
        _space.Cluster.Before = request => request.Type == ResourceTypes.Leases ? Task.Delay(TimeSpan.FromSeconds(30), _space.Time, Token) : Task.CompletedTask;
        _space.Cluster.After = _ => throw new ClusterException(ClusterErrorKind.TimedOut, "silent");

        await _space.Time.AdvanceUntilAsync(() => run.Lost.IsCancellationRequested, Step);

        Assert.InRange(_space.Time.GetUtcNow() - began, TimeSpan.FromSeconds(39), TimeSpan.FromSeconds(45));
        (_space.Cluster.Before, _space.Cluster.After) = (null, null);
        var disposing = run.DisposeAsync().AsTask();
        await _space.Time.AdvanceUntilAsync(() => disposing.IsCompleted, Step);

        // Nobody else can have it, so this machine does not wait for its own lease to run out, not even after a try that failed.
        Assert.Equal("anna@host-anna 7", LeaseTimes.HolderOf(Lease)!.Name);
        _space.Cluster.Before = request => request.Type == ResourceTypes.Leases ? throw new ClusterException(ClusterErrorKind.Unreachable, "restarting") : Task.CompletedTask;
        await Assert.ThrowsAsync<ClusterException>(() => OpenAsync());
        _space.Cluster.Before = null;
        await using var again = await OpenAsync();
        Assert.False(again.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_server_that_comes_back_in_time_costs_nothing()
    {
        await CreateAsync();
        await using var run = await OpenAsync();
        var failures = 0;
        _space.Cluster.Before = request => request.Type == ResourceTypes.Leases && failures++ < 3 ? throw new ClusterException(ClusterErrorKind.Unreachable, "restarting") : Task.CompletedTask;

        await _space.Time.AdvanceUntilAsync(() => _space.Time.GetUtcNow() >= new DateTimeOffset(2026, 3, 1, 12, 5, 0, TimeSpan.Zero), Step);

        Assert.True(failures > 3);
        Assert.False(run.Lost.IsCancellationRequested);
    }

    // What is left when the answer to a renewal was lost.
    [Fact]
    public async Task It_is_freed_also_where_its_version_is_not_the_one_that_is_known()
    {
        await CreateAsync();
        var run = await OpenAsync();
        _space.Cluster.Edit(ResourceTypes.Leases, "registry", Name, value => value["spec"]!["leaseTransitions"] = 3);

        await run.DisposeAsync();

        Assert.Null(LeaseTimes.HolderOf(Lease));
        Assert.Empty(_space.Notices);
    }

    [Fact]
    public async Task Of_two_that_come_at_once_one_gets_it()
    {
        await CreateAsync();
        var looks = 0;
        var both = new TaskCompletionSource();
        _space.Cluster.Before = async request =>
        {
            if (request is not { Type.Plural: "leases", Verb: "get" } || looks > 1)
                return;
            if (++looks == 2)
                both.SetResult();
            await both.Task;
        };
        var openings = new[] { OpenAsync(), OpenAsync(_space.There, _space.Ben) };
        await Task.WhenAny(Task.WhenAll(openings), Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System, Token));

        var won = Assert.Single(openings, opening => opening.IsCompletedSuccessfully);
        var lost = Assert.Single(openings, opening => opening.IsFaulted);
        Assert.Equal(ClusterErrorKind.Locked, (await Assert.ThrowsAsync<ClusterException>(() => lost)).Kind);
        await (await won).DisposeAsync();
    }

    [Fact]
    public async Task An_account_that_may_not_lock_is_told_the_verb()
    {
        _space.Cluster.Denied.Add("create leases.coordination.k8s.io");

        var error = await Assert.ThrowsAsync<ClusterException>(CreateAsync);

        Assert.Equal(ClusterErrorKind.Denied, error.Kind);
        Assert.False(File.Exists(_space.Here.JournalPath));
    }
}
