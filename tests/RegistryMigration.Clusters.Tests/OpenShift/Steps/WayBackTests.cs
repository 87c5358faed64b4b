using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;
using static RegistryMigration.Clusters.Tests.OpenShift.Steps.StepWorld;

namespace RegistryMigration.Clusters.Tests.OpenShift.Steps;

/// <summary>What is lost by an undo after writes, and how to lose nothing.</summary>
public sealed class WayBackTests
{
    [Fact]
    public async Task Writes_are_allowed_only_after_a_pull_from_the_new_storage()
    {
        await using var world = await MovedAsync(pull: false);
        var failure = await Assert.ThrowsAsync<ClusterException>(() => world.AllowAsync());
        Assert.Contains("Test-RegistryPull", failure.Message, StringComparison.Ordinal);
        Assert.True(world.Config.Flag("spec", "readOnly"));
        await world.PullAsync(failed: 1);
        await Assert.ThrowsAsync<ClusterException>(() => world.AllowAsync());
        var forced = await world.AllowAsync(force: true);
        Assert.Contains("1 of 3 images are not served", forced.Forced, StringComparison.Ordinal);
        Assert.NotNull(forced.NoReturn);
    }

    [Fact]
    public async Task Before_writes_everything_can_be_undone()
    {
        await using var world = await MovedAsync();
        Assert.True((await world.ReadAsync()).IsUndoLossless);
        await world.UndoAsync();
        Assert.Equal(Claim, world.Config.Text("spec", "storage", "pvc", "claim"));
        Assert.Equal(MigrationState.Undone, (await world.ReadAsync()).State);
    }

    [Fact]
    public async Task After_writes_an_undo_is_refused_and_forced_it_restores_all_the_same()
    {
        await using var world = await MovedAsync();
        var allowed = await world.AllowAsync();
        Assert.Contains("takes writes since", allowed.NoReturn, StringComparison.Ordinal);
        Assert.False((await world.ReadAsync()).IsUndoLossless);
        var failure = await Assert.ThrowsAsync<ClusterException>(() => world.UndoAsync());
        Assert.Contains("lose", failure.Message, StringComparison.Ordinal);
        Assert.Equal("swift", world.Config.Section("spec", "storage")!.Last().Key);
        var undone = await world.UndoAsync(force: true);
        Assert.All(undone, step => Assert.Contains("loss", step.Forced, StringComparison.Ordinal));
        Assert.Equal(Claim, world.Config.Text("spec", "storage", "pvc", "claim"));
        Assert.Null(world.Config.At("spec", "readOnly"));
    }

    [Theory]
    [InlineData("blocked only", false)]
    [InlineData("copied while open", false)]
    [InlineData("copied elsewhere", false)]
    // As a scheduled copy does that reads the source from the registry's configuration.
    [InlineData("copied onto itself", false)]
    [InlineData("part copied", false)]
    [InlineData("copy failed", false)]
    [InlineData("allowed again", false)]
    [InlineData("copied back", true)]
    public async Task A_reverse_pass_with_writes_blocked_makes_it_lossless_again(string way, bool lossless)
    {
        await using var world = await MovedAsync();
        await world.AllowAsync();
        if (way == "copied while open")
            await world.PassAsync(Container, Volume, copied: 2, ago: TimeSpan.FromSeconds(1));
        await world.BlockAsync();
        if (way is not ("blocked only" or "copied while open"))
            await world.PassAsync(Container, way switch { "copied elsewhere" => "/mnt/other", "copied onto itself" => Container, _ => Volume }, copied: 2, failed: way == "copy failed" ? 1 : 0, partial: way == "part copied");
        if (way == "allowed again")
            await world.AllowAsync();
        var info = await world.ReadAsync();
        Assert.Equal(lossless, info.IsUndoLossless);
        if (!lossless)
        {
            await Assert.ThrowsAsync<ClusterException>(() => world.UndoAsync());
            return;
        }

        var undone = await world.UndoAsync();
        Assert.Equal(["BlockWrites-2", "AllowWrites", "SwitchBackend", "BlockWrites", "SuspendPruner"], undone.Select(step => step.Id));
        Assert.Equal(Claim, world.Config.Text("spec", "storage", "pvc", "claim"));
        Assert.Null(world.Config.At("spec", "readOnly"));
        Assert.Null(world.Pruner!.At("spec", "suspend"));
    }

    [Fact]
    public async Task A_switch_that_was_forced_while_writes_were_open_is_not_undone_without_a_copy_back()
    {
        await using var world = await CreateAsync();
        await world.PassAsync(copied: 10);
        await world.SwitchAsync(new SwitchRequest { Force = true });
        Assert.False((await world.ReadAsync()).IsUndoLossless);
        var failure = await Assert.ThrowsAsync<ClusterException>(() => world.UndoAsync());
        Assert.Contains("took writes when it was switched", failure.Message, StringComparison.Ordinal);
        await world.BlockAsync();
        await world.PassAsync(Container, Volume, copied: 1);
        Assert.True((await world.ReadAsync()).IsUndoLossless);
        var open = new List<string>();
        var works = world.Cluster.After!;
        world.Cluster.After = async request =>
        {
            await works(request);
            if (world.Config.Flag("spec", "readOnly") != true)
                open.Add(world.Config.Section("spec", "storage")!.Last().Key);
        };
        await world.UndoAsync();
        Assert.Equal(Claim, world.Config.Text("spec", "storage", "pvc", "claim"));
        Assert.Null(world.Config.At("spec", "readOnly"));
        Assert.All(open, storage => Assert.Equal("pvc", storage));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Writes_that_somebody_allowed_by_hand_are_blocked_anew(bool switched)
    {
        await using var world = await CreateAsync();
        var before = world.Spec;
        if (switched)
        {
            await world.PrepareAsync();
            await world.SwitchAsync();
        }
        else
        {
            await world.BlockAsync();
        }

        world.Cluster.Edit(OpenShiftTypes.Configs, null, ImageRegistryNames.Config, config => config["spec"]!["readOnly"] = false);
        world.Reconcile();
        Assert.Equal("BlockWrites-2", (await world.BlockAsync()).Id);
        Assert.True(world.Config.Flag("spec", "readOnly"));
        Assert.Equal("BlockWrites-2", (await world.BlockAsync()).Id);
        Assert.Equal(!switched, (await world.ReadAsync()).IsUndoLossless);
        if (switched)
        {
            Assert.Contains("made the registry writable", (await Assert.ThrowsAsync<ClusterException>(() => world.UndoAsync())).Message, StringComparison.Ordinal);
            await world.PassAsync(Container, Volume, copied: 1);
        }

        await world.UndoAsync();
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(before), JsonNode.Parse(world.Spec)), $"{before} became {world.Spec}");
    }

    [Fact]
    public async Task On_the_way_back_nothing_is_opened_before_the_old_storage_is_in_use()
    {
        await using var world = await MovedAsync();
        await world.AllowAsync();
        await world.BlockAsync();
        await world.PassAsync(Container, Volume);
        var states = new List<(bool ReadOnly, string Storage)>();
        var works = world.Cluster.After!;
        world.Cluster.After = async request =>
        {
            await works(request);
            states.Add((world.Config.Flag("spec", "readOnly") == true, world.Config.Section("spec", "storage")!.Last().Key));
        };
        await world.UndoAsync();
        Assert.DoesNotContain((false, "swift"), states);
        Assert.Contains((true, "pvc"), states);
        Assert.Equal((false, "pvc"), states[^1]);
    }

    [Fact]
    public async Task An_undo_that_is_cut_anywhere_goes_on_without_force()
    {
        for (var cut = 1; ; cut++)
        {
            await using var world = await MovedAsync();
            await world.AllowAsync();
            var ended = await BackAsync(world, cut);
            await world.UndoAsync();
            AssertBack(world);
            if (ended)
            {
                Assert.True(cut > 10);
                return;
            }
        }
    }

    [Fact]
    public async Task An_undo_that_is_cut_anywhere_is_gone_forward_from_and_back_and_ends_either_way()
    {
        var left = 0;
        for (var cut = 1; ; cut++)
        {
            await using var world = await MovedAsync();
            await world.AllowAsync();
            await world.ResumeAsync();
            if (await BackAsync(world, cut))
            {
                // Steps whose undo was cut, and which others stand for since.
                Assert.True(left > 0);
                return;
            }

            await ForwardAsync(world);
            Assert.Equal("lab-x7-images", world.Config.Text("spec", "storage", "swift", "container"));
            Assert.Null(world.Config.At("spec", "readOnly"));
            Assert.Null(world.Pruner!.At("spec", "suspend"));
            var info = await world.ReadAsync();
            Assert.False(info.IsUndoLossless);
            Assert.Null(RecurringStep.OpenOf(info.Steps));
            Assert.DoesNotContain("did not end", info.NextStep, StringComparison.Ordinal);
            left += info.Steps.Count(step => step.State == MigrationStepState.Started);
            if (cut % 2 == 0)
            {
                await using var run = await world.OpenAsync();
                await run.CompleteAsync(Cancellation);
                Assert.Equal(MigrationState.Completed, run.Info.State);
                continue;
            }

            Assert.True(await BackAsync(world));
            AssertBack(world);
            Assert.Equal(MigrationState.Undone, (await world.ReadAsync()).State);
        }
    }

    [Fact]
    public async Task A_step_that_was_cut_while_it_allowed_writes_counts_as_having_allowed_them()
    {
        await using var world = await MovedAsync();
        await Assert.ThrowsAsync<ClusterException>(() => world.AllowAsync(push: Push(WriteVerdict.Unproven)));
        var info = await world.ReadAsync();
        Assert.False(info.IsUndoLossless);
        Assert.Contains("may have taken writes", info.NoReturn, StringComparison.Ordinal);
    }

    // What the runbook does when it is run again.
    private static async Task ForwardAsync(StepWorld world)
    {
        if (await LastAsync(StepActions.SwitchBackend) is not { State: MigrationStepState.Done })
        {
            await world.SuspendAsync();
            await world.BlockAsync();
            await world.PassAsync();
            await world.AuditAsync();
        }

        await world.SwitchAsync();
        if (await LastAsync(StepActions.AllowWrites) is not { State: MigrationStepState.Done })
            await world.PullAsync();
        await world.AllowAsync();
        await world.ResumeAsync();

        async Task<MigrationStep?> LastAsync(string action) =>
            (await world.ReadAsync()).Steps.LastOrDefault(step => step.Action == action && step.State != MigrationStepState.Undone);
    }

    // Blocks, copies back and undoes; cut at a request of the undo. Says whether it ended.
    private static async Task<bool> BackAsync(StepWorld world, int cut = int.MaxValue)
    {
        await world.BlockAsync();
        await world.PassAsync(Container, Volume);
        using var kill = new CancellationTokenSource();
        var requests = 0;
        world.Cluster.Before = _ =>
        {
            if (++requests == cut)
                kill.Cancel();
            kill.Token.ThrowIfCancellationRequested();
            return Task.CompletedTask;
        };
        try
        {
            await world.UndoAsync(cancellationToken: kill.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            world.Cluster.Before = null;
        }
    }

    private static void AssertBack(StepWorld world)
    {
        Assert.Equal(Claim, world.Config.Text("spec", "storage", "pvc", "claim"));
        Assert.Null(world.Config.At("spec", "readOnly"));
        Assert.Null(world.Pruner!.At("spec", "suspend"));
    }

    private static async Task<StepWorld> MovedAsync(bool pull = true)
    {
        var world = await CreateAsync();
        await world.PrepareAsync();
        await world.SwitchAsync();
        if (pull)
            await world.PullAsync();
        return world;
    }
}
