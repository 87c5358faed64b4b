using RegistryMigration.Clusters.Tests.Lab;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Quay.Steps;

/// <summary>Steps on config.yaml that were cut, met somebody else's change, or could not write.</summary>
public sealed class StandaloneCutTests(KubeLab lab)
{
    private const string Pem = "a private key";

    // What a kill within a write leaves.
    private const string Half = ".registrymigration.tmp";

    private static QuayServiceKey Key => new("kid", new Secret(Pem));

    /// <summary>What was on disk when the process was killed.</summary>
    public enum Cut
    {
        BeforeBackup,
        WithinBackup,
        AfterBackup,
        BetweenFiles,
        WithinFile,
        AfterFile,
    }

    public static TheoryData<Cut, bool, bool> Cuts()
    {
        var data = new TheoryData<Cut, bool, bool>();
        foreach (var cut in Enum.GetValues<Cut>())
        {
            foreach (var undo in new[] { false, true })
            {
                data.Add(cut, undo, false);
                data.Add(cut, undo, true);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task A_step_that_was_killed_goes_on_or_is_undone(Cut cut, bool undo, bool withKey)
    {
        await using var world = await StandaloneWorld.CreateAsync();
        var key = withKey ? Key : null;
        await KillAsync(world, cut, key);
        Assert.Equal(MigrationStepState.Started, Assert.Single((await world.ReadAsync()).Steps).State);
        if (!undo)
        {
            Assert.Equal(MigrationStepState.Done, (await world.BlockAsync(key)).State);
            Assert.Equal(withKey ? QuayState.ReadOnly : QuayState.PushesDisabled, RegistryMigration.Clusters.Quay.Steps.QuayStates.Of(world.Running!));
        }

        Assert.Equal(MigrationStepState.Undone, Assert.Single(await world.UndoAsync()).State);
        Assert.Equal(world.First, world.Text);
        // Half written files hold secrets.
        Assert.DoesNotContain(world.Beside, name => name.StartsWith("quay-readonly", StringComparison.Ordinal) || name.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Cut.BeforeBackup)]
    [InlineData(Cut.AfterBackup)]
    public async Task What_somebody_changed_before_the_step_went_on_is_not_overwritten(Cut cut)
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await KillAsync(world, cut, null);
        var theirs = world.First.Replace("MAIL_PORT: 1025", "MAIL_PORT: 25", StringComparison.Ordinal);
        await File.WriteAllTextAsync(world.File, theirs, QuaySteps.Cancellation);
        await QuaySteps.RefusedAsync(() => world.BlockAsync(), "Somebody has changed", world.Backup, "Undo-RegistryMigration");
        Assert.Equal(theirs, world.Text);
        await world.UndoAsync();
        Assert.Equal(theirs, world.Text);
        Assert.Equal(MigrationStepState.Done, (await world.BlockAsync()).State);
    }

    [Theory]
    [InlineData(Cut.AfterBackup, false, true)]
    [InlineData(Cut.AfterBackup, true, false)]
    [InlineData(Cut.AfterFile, false, true)]
    [InlineData(Cut.AfterFile, true, false)]
    [InlineData(Cut.AfterFile, true, true)]
    public async Task A_block_goes_on_only_with_the_key_that_it_began_with(Cut cut, bool then, bool now)
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await KillAsync(world, cut, then ? Key : null);
        var text = world.Text;
        var other = now ? new QuayServiceKey("kid", new Secret("hush, another key")) : null;
        await QuaySteps.RefusedAsync(() => world.BlockAsync(other), "BlockWrites was begun", "-ServiceKey", then && now ? "another one" : then ? "left out now" : "not given then", "Undo-RegistryMigration");
        Assert.Equal(text, world.Text);
        Assert.DoesNotContain("hush", await File.ReadAllTextAsync(world.Journal, QuaySteps.Cancellation), StringComparison.Ordinal);
        Assert.Equal(MigrationStepState.Done, (await world.BlockAsync(then ? Key : null)).State);
        // Done is done, unless something else is asked for.
        Assert.Equal(MigrationStepState.Done, (await world.BlockAsync()).State);
        if (other is not null)
            await QuaySteps.RefusedAsync(() => world.BlockAsync(other), "BlockWrites was done", "-ServiceKey");
    }

    [Fact]
    public async Task An_undo_that_was_killed_goes_on()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await world.BlockAsync(Key);
        using var kill = new CancellationTokenSource();
        var works = world.Restarts;
        world.Restarts = _ => { kill.Cancel(); throw new OperationCanceledException(kill.Token); };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => world.UndoAsync(cancellationToken: kill.Token));
        world.Restarts = works;
        await world.UndoAsync();
        Assert.Equal((world.First, QuayState.Normal), (world.Text, RegistryMigration.Clusters.Quay.Steps.QuayStates.Of(world.Running!)));
    }

    [Fact]
    public async Task A_directory_that_nobody_may_write_to_changes_nothing()
    {
        var disk = await lab.Servers.MountDiskAsync($"quay-{Guid.NewGuid():n}", 2);
        await using var world = await StandaloneWorld.CreateAsync(directory: disk);
        await Programs.RunAsync("mount", "-o", "remount,ro", disk);
        try
        {
            await QuaySteps.RefusedAsync(() => world.BlockAsync(), ".bak can't be written", "as it was");
        }
        finally
        {
            await Programs.RunAsync("mount", "-o", "remount,rw", disk);
        }

        Assert.Equal(world.First, world.Text);
        Assert.Equal(MigrationStepState.Done, (await world.BlockAsync()).State);
        await Programs.RunAsync("mount", "-o", "remount,ro", disk);
        try
        {
            await QuaySteps.RefusedAsync(() => world.UndoAsync(), "can't be written");
        }
        finally
        {
            await Programs.RunAsync("mount", "-o", "remount,rw", disk);
        }

        await world.UndoAsync();
        Assert.Equal(world.First, world.Text);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_full_disk_leaves_the_file_whole(int roomFor)
    {
        var disk = await lab.Servers.MountDiskAsync($"quay-{Guid.NewGuid():n}", 2);
        // Each file larger than the room that is left.
        await using var world = await StandaloneWorld.CreateAsync(SampleConfig.Local + "# " + new string('x', 200_000) + "\n", disk);
        var filler = Path.Combine(disk, "filler");
        var room = new DriveInfo(disk).AvailableFreeSpace;
        await File.WriteAllBytesAsync(filler, new byte[room - (roomFor * 260_000) - 8_192], QuaySteps.Cancellation);
        await QuaySteps.RefusedAsync(() => world.BlockAsync(), roomFor == 0 ? ".bak can't be written" : "config.yaml can't be written", "as it was");
        Assert.Equal(world.First, world.Text);
        Assert.DoesNotContain(world.Beside, name => name.EndsWith(".tmp", StringComparison.Ordinal));
        File.Delete(filler);
        await world.BlockAsync();
        await world.UndoAsync();
        Assert.Equal(world.First, world.Text);
    }

    // The process dies in the restart, which is the last thing before the record; what was written by then is taken back to where a kill would have left it.
    private static async Task KillAsync(StandaloneWorld world, Cut cut, QuayServiceKey? key)
    {
        using var kill = new CancellationTokenSource();
        var works = world.Restarts;
        world.Restarts = _ => { kill.Cancel(); throw new OperationCanceledException(kill.Token); };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => world.BlockAsync(key, kill.Token));
        world.Restarts = works;
        var (directory, backup) = (Path.GetDirectoryName(world.File)!, world.Backup);
        if (cut < Cut.AfterFile)
            await File.WriteAllTextAsync(world.File, world.First, QuaySteps.Cancellation);
        if (cut == Cut.BetweenFiles && key is not null)
            await File.WriteAllTextAsync(Path.Combine(directory, "quay-readonly.pem") + Half, Pem[..5], QuaySteps.Cancellation);
        if (cut == Cut.WithinFile)
            await File.WriteAllTextAsync(world.File + Half, world.First[..100], QuaySteps.Cancellation);
        if (cut <= Cut.BetweenFiles)
            File.Delete(Path.Combine(directory, "quay-readonly.pem"));
        if (cut <= Cut.AfterBackup)
            File.Delete(Path.Combine(directory, "quay-readonly.kid"));
        if (cut == Cut.WithinBackup)
            File.Move(backup, backup + Half);
        if (cut == Cut.BeforeBackup)
            File.Delete(backup);
    }
}
