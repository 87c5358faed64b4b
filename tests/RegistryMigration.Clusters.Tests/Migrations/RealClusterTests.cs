using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Clusters.Tests.Lab;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Migrations;

/// <summary>The journal's copy and the lock on a real API server, which has its own ideas of times, versions and conflicts.</summary>
public sealed class RealClusterTests(KubeLab lab) : IDisposable
{
    private readonly MigrationSpace _space = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _space.Dispose();

    private static MigrationSession Real(MigrationSession session) => session with { Time = TimeProvider.System, LeaseDuration = TimeSpan.FromSeconds(3) };

    private async Task<(IKubernetesClient Client, NewMigration New)> ConnectAsync()
    {
        await lab.RequireAsync();
        var name = await lab.Cluster.CreateNamespaceAsync();
        var client = await KubernetesClients.ConnectAsync(new ClusterOptions { KubeConfig = [lab.Cluster.Kube.Kubeconfig], Namespace = name }, TimeProvider.System, Token);
        return (client, _space.New with { Place = _space.Here with { Namespace = null } });
    }

    [Fact]
    public async Task A_migration_goes_from_one_machine_to_another_and_back()
    {
        var (client, migration) = await ConnectAsync();
        using var _ = client;
        var (anna, ben) = (Real(_space.Anna), Real(_space.Ben));
        await MigrationRuns.CreateAsync(migration, client, anna, Token);
        await using (var run = await MigrationRuns.OpenAsync(migration.Place, client, anna, Token))
        {
            await run.RunAsync(new CountingStep("One"), Token);
            var refused = await Assert.ThrowsAsync<ClusterException>(() => MigrationRuns.OpenAsync(_space.There with { Namespace = null }, client, ben, Token));
            Assert.Equal(ClusterErrorKind.Locked, refused.Kind);
            Assert.Contains("anna@host-anna 7", refused.Message, StringComparison.Ordinal);
            // Longer than the lease lasts: it is renewed.
            await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, Token);
            Assert.False(run.Lost.IsCancellationRequested);
            await run.RunAsync(new CountingStep("Two"), Token);
        }

        await using (var run = await MigrationRuns.OpenAsync(_space.There with { Namespace = null }, client, ben, Token))
            await run.RunAsync(new CountingStep("Three"), Token);

        await using var again = await MigrationRuns.OpenAsync(migration.Place, client, anna, Token);
        Assert.Equal(["One", "Two", "Three"], again.Steps.Select(step => step.Id));
    }

    [Fact]
    public async Task A_holder_that_slept_is_taken_over_from_and_can_write_nothing_any_more()
    {
        var (client, migration) = await ConnectAsync();
        using var _ = client;
        // Anna's clock stands still, as that of a machine that sleeps: nothing renews her lease.
        await MigrationRuns.CreateAsync(migration, client, _space.Anna, Token);
        var asleep = await MigrationRuns.OpenAsync(migration.Place, client, _space.Anna, Token);

        await using (var ben = await MigrationRuns.OpenAsync(_space.There with { Namespace = null }, client, Real(_space.Ben), Token))
            await ben.RunAsync(new CountingStep("One"), Token);

        var late = new CountingStep("Two");
        var error = await Assert.ThrowsAsync<ClusterException>(() => asleep.RunAsync(late, Token));
        Assert.Equal(ClusterErrorKind.Locked, error.Kind);
        Assert.Equal(0, late.Applied);
        await asleep.DisposeAsync();
    }

    [Fact]
    public async Task A_journal_close_to_the_limit_is_taken_by_the_server()
    {
        var (client, migration) = await ConnectAsync();
        using var _ = client;
        await MigrationRuns.CreateAsync(migration, client, Real(_space.Anna), Token);
        await using var run = await MigrationRuns.OpenAsync(migration.Place, client, Real(_space.Anna), Token);

        // Quotes are what grows most on the way: in JSON, and once more inside JSON.
        var proof = new string('"', 40_000);
        for (var i = 0; i < 3; i++)
            await run.RecordAsync(new MigrationStep { Id = "Big" + i, Action = "Proof", Target = "x", State = MigrationStepState.Done, Started = TimeProvider.System.GetUtcNow(), By = "", Proof = proof }, Token);

        var there = await client.GetAsync(ResourceTypes.ConfigMaps, client.Cluster.Namespace, "registry-migration-m", Token);
        Assert.InRange(there.Text("data", "journal.jsonl")!.Length, 600_000, 1_000_000);
    }
}
