using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Migrations;

public sealed class ConfigMapJournalTests : IDisposable
{
    private const string Name = "registry-migration-m";
    private readonly MigrationSpace _space = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _space.Dispose();

    private async Task<MigrationRun> OpenAsync()
    {
        await MigrationRuns.CreateAsync(_space.New, _space.Cluster, _space.Anna, Token);
        return await MigrationRuns.OpenAsync(_space.Here, _space.Cluster, _space.Anna, Token);
    }

    private int StepsInCluster => JournalSnapshot.Read(Data("journal.jsonl"), Data("chain"), "it").ToInfo(_space.Time.GetUtcNow()).Steps.Count;

    private string Data(string key) => _space.Cluster.Peek(ResourceTypes.ConfigMaps, "registry", Name)!.Text("data", key)!;

    [Fact]
    public async Task A_label_that_somebody_set_meanwhile_is_kept_and_no_conflict()
    {
        await using var run = await OpenAsync();
        _space.Cluster.Edit(ResourceTypes.ConfigMaps, "registry", Name, value => value["metadata"]!["labels"]!["team"] = "x");

        await run.RunAsync(new CountingStep("One"), Token);

        Assert.Equal(1, StepsInCluster);
        Assert.Equal("x", _space.Cluster.Peek(ResourceTypes.ConfigMaps, "registry", Name)!.Text("metadata", "labels", "team"));
    }

    [Fact]
    public async Task Records_that_somebody_else_wrote_are_not_written_over()
    {
        await using var run = await OpenAsync();
        _space.Cluster.Edit(ResourceTypes.ConfigMaps, "registry", Name, value => value["data"]!["chain"] = (string)value["data"]!["chain"]! + "0123456789abcdef");
        var step = new CountingStep("One");

        var error = await Assert.ThrowsAsync<ClusterException>(() => run.RunAsync(step, Token));

        Assert.Equal(ClusterErrorKind.Locked, error.Kind);
        Assert.Equal(0, step.Applied);
        Assert.EndsWith("0123456789abcdef", Data("chain"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_that_was_deleted_meanwhile_is_made_again()
    {
        await using var run = await OpenAsync();
        _space.Cluster.Take(ResourceTypes.ConfigMaps, "registry", Name);

        await run.RunAsync(new CountingStep("One"), Token);

        Assert.Equal(1, StepsInCluster);
    }

    [Fact]
    public async Task A_write_whose_answer_was_lost_is_recognised()
    {
        await using var run = await OpenAsync();
        var lost = 0;
        _space.Cluster.After = request => request is { Verb: "update", Type.Plural: "configmaps" } && lost++ == 0
            ? throw new ClusterException(ClusterErrorKind.Transient, "the connection was cut") : Task.CompletedTask;
        var running = run.RunAsync(new CountingStep("One"), Token);

        await _space.Time.AdvanceUntilAsync(() => running.IsCompleted, TimeSpan.FromMilliseconds(500));

        Assert.Equal(MigrationStepState.Done, (await running).State);
        Assert.Equal(1, StepsInCluster);
    }

    [Fact]
    public async Task A_server_that_restarts_in_the_middle_is_waited_for()
    {
        await using var run = await OpenAsync();
        var refusals = 0;
        _space.Cluster.Before = request => request.Type == ResourceTypes.ConfigMaps && refusals++ < 3
            ? throw new ClusterException(ClusterErrorKind.Unreachable, "nobody answers") : Task.CompletedTask;
        var step = new CountingStep("One");
        var running = run.RunAsync(step, Token);

        await _space.Time.AdvanceUntilAsync(() => running.IsCompleted, TimeSpan.FromMilliseconds(500));

        await running;
        Assert.Equal(1, step.Applied);
        Assert.Contains(_space.Notices, notice => notice.Contains("trying again in 2 s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Patience_ends()
    {
        await MigrationRuns.CreateAsync(_space.New, _space.Cluster, _space.Anna, Token);
        await using var run = await MigrationRuns.OpenAsync(_space.Here, _space.Cluster, _space.Anna with { Patience = TimeSpan.FromSeconds(20) }, Token);
        _space.Cluster.Before = request => request.Type == ResourceTypes.ConfigMaps ? throw new ClusterException(ClusterErrorKind.Transient, "503") : Task.CompletedTask;
        var step = new CountingStep("One");
        var running = run.RunAsync(step, Token);

        await _space.Time.AdvanceUntilAsync(() => running.IsCompleted, TimeSpan.FromMilliseconds(500));

        Assert.Equal(ClusterErrorKind.Transient, (await Assert.ThrowsAsync<ClusterException>(() => running)).Kind);
        Assert.Equal(0, step.Applied);
    }

    [Fact]
    public async Task Edited_data_is_refused_with_what_to_do()
    {
        await using (await OpenAsync())
        {
        }

        _space.Cluster.Edit(ResourceTypes.ConfigMaps, "registry", Name, value => value["data"] = new JsonObject { ["journal.jsonl"] = "gone" });

        var error = await Assert.ThrowsAsync<JournalException>(() => MigrationRuns.OpenAsync(_space.Here, _space.Cluster, _space.Anna, Token));

        Assert.Contains("delete it", error.Message, StringComparison.Ordinal);
    }
}
