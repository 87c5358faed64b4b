using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Quay.Steps;

/// <summary>The undo by config.yaml: what proves that Quay runs with what was brought back, and what is said where nothing does.</summary>
public sealed class StandaloneUndoTests
{
    [Fact]
    public async Task Quays_own_writing_to_the_old_storage_and_a_push_prove_it()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await world.PrepareAsync();
        await world.SwitchAsync();
        File.Delete(Path.Combine(world.Old, "_verify"));
        var undone = await world.UndoAsync();
        Assert.Contains("has written to the old storage", undone[0].Proof, StringComparison.Ordinal);
        Assert.Contains("takes pushes", undone[1].Proof, StringComparison.Ordinal);
        Assert.Equal("testing 123", await File.ReadAllTextAsync(Path.Combine(world.Old, "_verify"), QuaySteps.Cancellation));
        Assert.Equal(QuayState.Normal, RegistryMigration.Clusters.Quay.Steps.QuayStates.Of(world.Running!));
    }

    [Fact]
    public async Task An_undo_of_allowed_pushes_is_proven_by_one_that_is_refused()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await world.BlockAsync();
        await world.AllowAsync();
        var undone = await world.UndoAsync(to: "BlockWrites");
        Assert.Contains("refuses pushes", Assert.Single(undone).Proof, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_restart_no_undo_is_said_to_be_made_and_it_goes_on_after_one()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await world.PrepareAsync();
        await world.SwitchAsync();
        world.Restarts = null;
        await QuaySteps.RefusedAsync(() => world.UndoAsync(), "has not written to the old storage", "Was it restarted", "same command again");
        Assert.Equal(MigrationStepState.Failed, (await world.ReadAsync()).Steps.Single(step => step.Action == StepActions.SwitchBackend).State);
        world.Restart();
        await QuaySteps.RefusedAsync(() => world.UndoAsync(), "not proven", "restarted, on every host");
        Assert.Equal((world.First, QuayState.PushesDisabled), (world.Text, RegistryMigration.Clusters.Quay.Steps.QuayStates.Of(world.Running!)));
        Assert.Equal(MigrationStepState.Failed, (await world.ReadAsync()).Steps.Single(step => step.Action == StepActions.BlockWrites).State);
        world.Restart();
        await world.UndoAsync();
        Assert.Equal(MigrationState.Undone, (await world.ReadAsync()).State);
    }

    [Fact]
    public async Task A_restart_by_hand_is_waited_for()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await world.BlockAsync();
        world.Restarts = null;
        var waits = 0;
        world.Time.Meanwhile = () =>
        {
            if (++waits == 5)
                world.Restart();
        };
        Assert.Equal(MigrationStepState.Undone, Assert.Single(await world.UndoAsync()).State);
        Assert.True(waits >= 5);
    }

    [Fact]
    public async Task Without_an_account_for_a_push_nothing_is_undone_and_force_says_that_it_is_not_proven()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await world.BlockAsync();
        var text = world.Text;
        await QuaySteps.RefusedAsync(() => world.UndoAsync(request: new UndoRequest()), "-Credential", "-Force", "Nothing was undone");
        Assert.Equal(text, world.Text);
        Assert.Equal(MigrationStepState.Done, Assert.Single((await world.ReadAsync()).Steps).State);
        var undone = Assert.Single(await world.UndoAsync(request: new UndoRequest { Force = true }));
        Assert.Contains("not proven", undone.Proof, StringComparison.Ordinal);
        Assert.Equal(world.First, world.Text);
    }

    [Fact]
    public async Task An_old_storage_that_is_not_seen_from_here_stops_the_undo_before_it_begins()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await world.PrepareAsync();
        await world.SwitchAsync();
        var text = world.Text;
        Directory.Move(world.Old, world.Old + "-elsewhere");
        await QuaySteps.RefusedAsync(() => world.UndoAsync(), "can't be looked at from here", "Nothing was changed", "-Force");
        Assert.Equal(text, world.Text);
        Assert.False(Directory.Exists(world.Old));
        var undone = await world.UndoAsync(force: true);
        Assert.Contains("not proven", undone[0].Proof, StringComparison.Ordinal);
        Assert.Equal(world.First, world.Text);
    }

    [Fact]
    public async Task A_directory_of_Quays_container_is_the_one_that_was_copied_from()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await world.BlockAsync();
        var host = world.Old + "-on-the-host";
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(host, QuaySteps.Blob))!);
        await File.WriteAllTextAsync(Path.Combine(host, QuaySteps.Blob), "abc", QuaySteps.Cancellation);
        await world.CopyAsync(from: host);
        await world.SwitchAsync();
        // Seen from here, the container's directory is nothing.
        File.Delete(Path.Combine(world.Old, QuaySteps.Blob));
        Directory.Delete(Path.Combine(world.Old, "sha256"), recursive: true);
        await QuaySteps.RefusedAsync(() => world.UndoAsync(), "has not written to the old storage");
        Assert.Contains("registry-migration", await File.ReadAllTextAsync(Path.Combine(host, "_verify"), QuaySteps.Cancellation), StringComparison.Ordinal);
    }
}
