using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Migrations;

public sealed class MigrationRunsTests : IDisposable
{
    private readonly MigrationSpace _space = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _space.Dispose();

    private Task<RegistryMigrationInfo> CreateAsync() => MigrationRuns.CreateAsync(_space.New, _space.Cluster, _space.Anna, Token);

    private Task<MigrationRun> OpenAsync(MigrationPlace? place = null, MigrationSession? session = null) =>
        MigrationRuns.OpenAsync(place ?? _space.Here, _space.Cluster, session ?? _space.Anna, Token);

    [Fact]
    public async Task It_is_made_on_disk_and_beside_the_registry()
    {
        var made = await CreateAsync();

        Assert.Equal(("m", "Test", "registry", MigrationState.Active), (made.Name, made.System, made.Namespace, made.State));
        Assert.Equal("anna@host-anna", made.CreatedBy);
        Assert.True(File.Exists(_space.Here.JournalPath));
        var copy = _space.Cluster.Peek(ResourceTypes.ConfigMaps, "registry", "registry-migration-m")!;
        Assert.Equal("registry-migration", copy.Text("metadata", "labels", "app.kubernetes.io/managed-by"));
        Assert.Equal("m", copy.Text("metadata", "labels", "app.kubernetes.io/instance"));
        Assert.Contains("\"source\":\"/old\"", copy.Text("data", "journal.jsonl"), StringComparison.Ordinal);
        Assert.Null(LeaseTimes.HolderOf(_space.Cluster.Peek(ResourceTypes.Leases, "registry", "registry-migration-m")!));
    }

    [Fact]
    public async Task A_second_one_of_that_name_is_refused_while_the_first_has_not_ended()
    {
        await CreateAsync();

        foreach (var place in new[] { _space.Here, _space.There })
        {
            var error = await Assert.ThrowsAsync<ClusterException>(() => MigrationRuns.CreateAsync(_space.New with { Place = place }, _space.Cluster, _space.Ben, Token));
            Assert.Equal(ClusterErrorKind.Precondition, error.Kind);
            Assert.Contains("anna@host-anna", error.Message, StringComparison.Ordinal);
            Assert.Contains("Get-RegistryMigration m", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task One_that_has_ended_makes_room_and_its_journal_is_kept()
    {
        var first = await CreateAsync();
        await using (var run = await OpenAsync())
            await run.CompleteAsync(Token);
        _space.Time.Advance(TimeSpan.FromDays(1));

        var second = await CreateAsync();

        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(2, Directory.GetFiles(Path.GetDirectoryName(_space.Here.JournalPath)!, "*.jsonl").Length);
        await using var again = await OpenAsync();
        Assert.Equal(second.Id, again.Info.Id);
        Assert.Equal(MigrationState.Active, again.Info.State);
    }

    [Fact]
    public async Task The_second_admin_is_refused_with_the_name_of_the_first()
    {
        await CreateAsync();
        await using (await OpenAsync())
        {
            var elsewhere = await Assert.ThrowsAsync<ClusterException>(() => OpenAsync(_space.There, _space.Ben));
            var sameMachine = await Assert.ThrowsAsync<ClusterException>(() => OpenAsync(session: _space.Ben));
            foreach (var error in new[] { elsewhere, sameMachine })
            {
                Assert.Equal(ClusterErrorKind.Locked, error.Kind);
                Assert.Contains("anna@host-anna 7", error.Message, StringComparison.Ordinal);
                Assert.Contains("since 2026-03-01 12:00:00Z", error.Message, StringComparison.Ordinal);
            }

            Assert.Contains("free in 60 s", elsewhere.Message, StringComparison.Ordinal);
            Assert.False(File.Exists(_space.There.JournalPath));
        }

        await using var ben = await OpenAsync(_space.There, _space.Ben);
        Assert.Equal("ben@host-ben 8", ben.Info.Holder!.Name);
    }

    [Fact]
    public async Task It_goes_on_from_another_machine_that_knows_only_the_cluster()
    {
        await CreateAsync();
        await using (var anna = await OpenAsync())
            await anna.RunAsync(new CountingStep("One"), Token);

        await using var ben = await OpenAsync(_space.There, _space.Ben);
        var step = new CountingStep("One");
        var done = await ben.RunAsync(step, Token);

        Assert.Equal(0, step.Applied);
        Assert.Equal("anna@host-anna", done.By);
        Assert.True(File.Exists(_space.There.JournalPath));
    }

    [Fact]
    public async Task A_cluster_that_can_not_take_the_record_keeps_the_step_from_starting()
    {
        await CreateAsync();
        var step = new CountingStep("One");
        await using (var run = await OpenAsync())
        {
            _space.Cluster.Denied.Add("update configmaps");
            var error = await Assert.ThrowsAsync<ClusterException>(() => run.RunAsync(step, Token));
            Assert.Equal(ClusterErrorKind.Denied, error.Kind);
            Assert.Contains("ConfigMap registry-migration-m in registry", error.Message, StringComparison.Ordinal);
            Assert.Contains("'update' on configmaps", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, step.Applied);
        Assert.Empty((await MigrationJournal.ReadAsync(_space.Here.JournalPath, _space.Time, Token))!.Steps);
    }

    [Fact]
    public async Task Without_its_cluster_a_migration_is_not_opened()
    {
        await CreateAsync();

        var error = await Assert.ThrowsAsync<ClusterException>(() => MigrationRuns.OpenAsync(_space.Here, null, _space.Anna, Token));

        Assert.Equal(ClusterErrorKind.Precondition, error.Kind);
        Assert.Contains("Connect-RegistryCluster", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_another_cluster_it_is_not_opened()
    {
        await CreateAsync();
        using var other = new Support.FakeKubernetes { Cluster = new RegistryCluster { Server = new Uri("https://other.test:6443/") } };

        var error = await Assert.ThrowsAsync<ClusterException>(() => MigrationRuns.OpenAsync(_space.Here, other, _space.Anna, Token));

        Assert.Equal(ClusterErrorKind.Conflict, error.Kind);
        Assert.Null(other.Peek(ResourceTypes.ConfigMaps, "registry", "registry-migration-m"));
        Assert.Null(LeaseTimes.HolderOf(other.Peek(ResourceTypes.Leases, "registry", "registry-migration-m")!));
    }

    [Fact]
    public async Task A_registry_without_a_cluster_has_only_its_journal_and_its_lock()
    {
        var standalone = _space.New with { Place = _space.Here with { Namespace = null }, ConfigurationPath = "/conf/config.yaml" };
        await MigrationRuns.CreateAsync(standalone, null, _space.Anna, Token);

        await using (var run = await MigrationRuns.OpenAsync(standalone.Place, _space.Cluster, _space.Anna, Token))
        {
            await run.RunAsync(new CountingStep("One"), Token);
            Assert.Equal("/conf/config.yaml", run.Info.ConfigurationPath);
            Assert.Equal(ClusterErrorKind.Locked, (await Assert.ThrowsAsync<ClusterException>(() => MigrationRuns.OpenAsync(standalone.Place, null, _space.Ben, Token))).Kind);
        }

        Assert.Empty(_space.Cluster.Requests);
    }

    [Fact]
    public async Task No_namespace_is_asked_for()
    {
        var nowhere = _space.New with { Place = _space.Here with { Namespace = null } };

        var error = await Assert.ThrowsAsync<ClusterException>(() => MigrationRuns.CreateAsync(nowhere, _space.Cluster, _space.Anna, Token));

        Assert.Contains("-Namespace", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_places_are_listed_once_with_who_works_there()
    {
        await CreateAsync();
        await using var run = await OpenAsync();
        await run.RunAsync(new CountingStep("One"), Token);
        var damaged = Path.Combine(Path.GetDirectoryName(_space.Here.JournalPath)!, "damaged.jsonl");
        await File.WriteAllTextAsync(damaged, "x\ny\n", Token);
        var unreadable = new List<Exception>();

        var found = await MigrationCatalog.ListAsync([_space.Here.JournalPath, damaged], _space.Cluster, "registry", _space.Time, unreadable.Add, Token);
        var fromElsewhere = await MigrationCatalog.ListAsync([], _space.Cluster, null, _space.Time, unreadable.Add, Token);
        var offline = await MigrationCatalog.ListAsync([_space.Here.JournalPath], null, null, _space.Time, unreadable.Add, Token);

        foreach (var list in new[] { found, fromElsewhere, offline })
        {
            var info = Assert.Single(list);
            Assert.Single(info.Steps);
            Assert.Equal("anna@host-anna 7", info.Holder!.Name);
        }

        Assert.Equal(_space.Here.JournalPath, found[0].JournalPath);
        Assert.Same(_space.Cluster.Cluster, found[0].Cluster);
        Assert.Null(fromElsewhere[0].JournalPath);
        Assert.Contains("damaged.jsonl", Assert.Single(unreadable).Message, StringComparison.Ordinal);
    }
}
