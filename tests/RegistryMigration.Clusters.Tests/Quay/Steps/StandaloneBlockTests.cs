using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Quay.Steps;

/// <summary>Blocking and allowing writes by config.yaml: the file, what lies beside it, and the restart.</summary>
public sealed class StandaloneBlockTests
{
    private const string PrivateKey = "-----BEGIN PRIVATE KEY-----\nMIIhush\n-----END PRIVATE KEY-----\n";

    private static QuayServiceKey Key => new("kid-of-the-test", new Secret(PrivateKey));

    [Fact]
    public async Task Blocking_adds_one_line_and_its_undo_brings_back_every_byte()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        var step = await world.BlockAsync();
        Assert.Equal("DISABLE_PUSHES: true", Assert.Single(Lines(world.Text).Except(Lines(world.First))));
        Assert.Equal(Lines(world.First), Lines(world.Text).Where(line => line != "DISABLE_PUSHES: true"));
        Assert.Contains("405", step.Proof, StringComparison.Ordinal);
        Assert.NotNull(WriteBlockRecord.TimeOf(step));
        Assert.Equal(Path.GetFileName(world.Backup), Assert.Single(world.Beside));
        Assert.Equal(world.First, await File.ReadAllTextAsync(world.Backup, QuaySteps.Cancellation));
        await world.UndoAsync();
        Assert.Equal(world.First, world.Text);
        Assert.Equal(QuayState.Normal, RegistryMigration.Clusters.Quay.Steps.QuayStates.Of(world.Running!));
    }

    [Theory]
    [InlineData("A: 1\nDISTRIBUTED_STORAGE_CONFIG:\n  x: [LocalStorage, {storage_path: /datastorage/registry}]")]
    [InlineData("A: 1\r\nDISABLE_PUSHES: false # by us\r\nB: 2\r\n")]
    [InlineData("REGISTRY_STATE: normal\nA: \"ü ☃\" # café\n\n\n# end")]
    public async Task What_is_written_oddly_comes_back_as_it_was(string yaml)
    {
        await using var world = await StandaloneWorld.CreateAsync(yaml);
        await world.BlockAsync();
        await world.AllowAsync();
        await world.BlockAsync();
        Assert.Equal(["BlockWrites", "AllowWrites", "BlockWrites-2"], (await world.ReadAsync()).Steps.Select(step => step.Id));
        await world.UndoAsync();
        Assert.Equal(world.First, world.Text);
    }

    [Fact]
    public async Task A_service_key_makes_Quay_read_only_and_its_files_go_with_the_undo()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await world.BlockAsync(Key);
        Assert.Equal(("readonly", "conf/stack/quay-readonly.kid", "conf/stack/quay-readonly.pem"), (world.Running!.Scalar("REGISTRY_STATE"), world.Running.Scalar("INSTANCE_SERVICE_KEY_KID_LOCATION"), world.Running.Scalar("INSTANCE_SERVICE_KEY_LOCATION")));
        Assert.Equal(("kid-of-the-test", PrivateKey), (await ReadAsync(world, "quay-readonly.kid"), await ReadAsync(world, "quay-readonly.pem")));
        Assert.Null(world.Running.Flag("DISABLE_PUSHES"));
        var journal = await File.ReadAllTextAsync(world.Journal, QuaySteps.Cancellation);
        Assert.All(["MIIhush", "quay:secret@db", "3006036164"], secret => Assert.DoesNotContain(secret, journal, StringComparison.Ordinal));
        await world.UndoAsync();
        Assert.Equal(world.First, world.Text);
        Assert.Equal([Path.GetFileName(world.Backup)], world.Beside);
    }

    [Fact]
    public async Task A_service_key_goes_when_pushes_are_allowed_and_comes_back_with_the_undo_of_that()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await world.BlockAsync(Key);
        // Until it is restarted, Quay signs with the key.
        var works = world.Restarts;
        world.Restarts = token =>
        {
            Assert.Contains("quay-readonly.pem", world.Beside);
            return works!(token);
        };
        await world.AllowAsync();
        world.Restarts = works;
        Assert.Equal(world.First, world.Text);
        Assert.DoesNotContain(world.Beside, name => name is "quay-readonly.pem" or "quay-readonly.kid");
        await world.UndoAsync(to: "BlockWrites");
        Assert.Equal(("kid-of-the-test", PrivateKey), (await ReadAsync(world, "quay-readonly.kid"), await ReadAsync(world, "quay-readonly.pem")));
        Assert.Equal(QuayState.ReadOnly, RegistryMigration.Clusters.Quay.Steps.QuayStates.Of(world.Running!));
        await world.UndoAsync();
        Assert.Equal(world.First, world.Text);
        Assert.All(world.Beside, name => Assert.EndsWith(".bak", name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Allowing_pushes_that_was_killed_behind_the_file_takes_the_key_away_still()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await world.BlockAsync(Key);
        var works = world.Restarts;
        world.Restarts = _ => throw new InvalidOperationException("podman is not there");
        await Assert.ThrowsAsync<InvalidOperationException>(() => world.AllowAsync());
        Assert.Contains("quay-readonly.pem", world.Beside);
        world.Restarts = works;
        await world.AllowAsync();
        Assert.DoesNotContain(world.Beside, name => name is "quay-readonly.pem" or "quay-readonly.kid");
    }

    [Fact]
    public async Task A_key_that_replaced_somebodys_is_not_taken_away_when_pushes_are_allowed()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(world.File)!, "quay-readonly.pem"), "another key", QuaySteps.Cancellation);
        await world.BlockAsync(Key);
        await world.AllowAsync();
        Assert.Contains("quay-readonly.pem", world.Beside);
        Assert.DoesNotContain("quay-readonly.kid", world.Beside);
        await world.UndoAsync();
        Assert.Equal("another key", await ReadAsync(world, "quay-readonly.pem"));
    }

    [Fact]
    public async Task A_key_of_somebody_else_under_the_same_names_comes_back()
    {
        // The names are those of Quay's documentation, so that they may well be there.
        await using var world = await StandaloneWorld.CreateAsync();
        var pem = Path.Combine(Path.GetDirectoryName(world.File)!, "quay-readonly.pem");
        await File.WriteAllTextAsync(pem, "another key", QuaySteps.Cancellation);
        await world.BlockAsync(Key);
        Assert.Equal(PrivateKey, await ReadAsync(world, "quay-readonly.pem"));
        Assert.Equal("another key", await ReadAsync(world, Path.GetFileName(world.BackupOf("quay-readonly.pem."))));
        await world.UndoAsync();
        Assert.Equal("another key", await ReadAsync(world, "quay-readonly.pem"));
        Assert.DoesNotContain("quay-readonly.kid", world.Beside);
    }

    [Fact]
    public async Task The_same_key_that_was_there_before_stays()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(world.File)!, "quay-readonly.pem"), PrivateKey, QuaySteps.Cancellation);
        await world.BlockAsync(Key);
        await world.UndoAsync();
        Assert.Equal([Path.GetFileName(world.Backup), "quay-readonly.pem"], world.Beside);
    }

    [Fact]
    public async Task What_can_only_be_written_otherwise_is_refused_before_anything_is_recorded()
    {
        await using var world = await StandaloneWorld.CreateAsync("{A: 1, DISABLE_PUSHES: false}\n");
        Assert.Contains("braces", (await Assert.ThrowsAsync<FormatException>(() => world.BlockAsync())).Message, StringComparison.Ordinal);
        Assert.Empty((await world.ReadAsync()).Steps);
        Assert.Equal((world.First, 0), (world.Text, world.Beside.Count));
    }

    [Fact]
    public async Task A_restart_by_hand_is_waited_for()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        world.Restarts = null;
        var waits = 0;
        world.Time.Meanwhile = () =>
        {
            if (++waits == 5)
                world.Restart();
        };
        Assert.Equal(MigrationStepState.Done, (await world.BlockAsync()).State);
        Assert.True(waits >= 5);
        Assert.Contains(world.Notices, notice => notice.Contains("restart Quay now", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_restart_that_does_not_come_is_told_and_can_come_later()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        world.Restarts = null;
        await QuaySteps.RefusedAsync(() => world.BlockAsync(), "not proven", "restarted");
        Assert.Equal(MigrationStepState.Failed, Assert.Single((await world.ReadAsync()).Steps).State);
        world.Restart();
        Assert.Equal(MigrationStepState.Done, (await world.BlockAsync()).State);
    }

    [Fact]
    public async Task A_restart_that_fails_is_made_again()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        var works = world.Restarts;
        world.Restarts = _ => throw new InvalidOperationException("podman is not there");
        await Assert.ThrowsAsync<InvalidOperationException>(() => world.BlockAsync());
        var written = world.Text;
        world.Restarts = works;
        await world.BlockAsync();
        Assert.Equal(written, world.Text);
        world.Restarts = _ => throw new InvalidOperationException("podman is not there");
        await Assert.ThrowsAsync<InvalidOperationException>(() => world.UndoAsync());
        world.Restarts = works;
        await world.UndoAsync();
        Assert.Equal((world.First, QuayState.Normal), (world.Text, RegistryMigration.Clusters.Quay.Steps.QuayStates.Of(world.Running!)));
    }

    [Fact]
    public async Task Another_key_that_somebody_changed_stays_when_ours_is_undone()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await world.BlockAsync();
        await File.WriteAllTextAsync(world.File, world.Text.Replace("MAIL_PORT: 1025", "MAIL_PORT: 25 # moved", StringComparison.Ordinal), QuaySteps.Cancellation);
        await world.UndoAsync();
        Assert.Equal(world.First.Replace("MAIL_PORT: 1025", "MAIL_PORT: 25 # moved", StringComparison.Ordinal), world.Text);
    }

    [Fact]
    public async Task A_lost_backup_is_told_with_the_keys_to_bring_back()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await world.BlockAsync();
        File.Delete(world.Backup);
        var blocked = world.Text;
        await QuaySteps.RefusedAsync(() => world.UndoAsync(), ".bak", "DISABLE_PUSHES");
        Assert.Equal(blocked, world.Text);
        await File.WriteAllTextAsync(world.File, world.First, QuaySteps.Cancellation);
        await world.UndoAsync();
        Assert.Equal(world.First, world.Text);
    }

    [Fact]
    public async Task A_file_that_is_gone_is_told()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await world.BlockAsync();
        File.Delete(world.File);
        await QuaySteps.RefusedAsync(() => world.UndoAsync(), world.File, ".bak");
        File.Copy(world.Backup, world.File);
        await world.UndoAsync();
        Assert.Equal(world.First, world.Text);
    }

    [Fact]
    public async Task A_symbolic_link_stays_one()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        var real = Path.Combine(world.Folder, "real.yaml");
        File.Move(world.File, real);
        File.CreateSymbolicLink(world.File, real);
        await world.BlockAsync();
        Assert.Equal(real, File.ResolveLinkTarget(world.File, returnFinalTarget: true)!.FullName);
        Assert.Contains("DISABLE_PUSHES: true", await File.ReadAllTextAsync(real, QuaySteps.Cancellation), StringComparison.Ordinal);
        await world.UndoAsync();
        Assert.Equal((real, world.First), (File.ResolveLinkTarget(world.File, returnFinalTarget: true)!.FullName, world.Text));
    }

    [Fact]
    public async Task Owner_and_permissions_stay_and_the_backup_has_them_too()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            Assert.Skip("Only root gives files to others.");
        await using var world = await StandaloneWorld.CreateAsync();
        await Programs.RunAsync("chown", "1001:1002", world.File);
        await Programs.RunAsync("chmod", "600", world.File);
        await world.BlockAsync(Key);
        foreach (var name in new[] { "config.yaml", Path.GetFileName(world.Backup), "quay-readonly.kid", "quay-readonly.pem" })
            Assert.Equal("1001 1002 600", await Programs.RunAsync("stat", "-c", "%u %g %a", Path.Combine(Path.GetDirectoryName(world.File)!, name)));
        await world.UndoAsync();
        Assert.Equal("1001 1002 600", await Programs.RunAsync("stat", "-c", "%u %g %a", world.File));
    }

    private static string[] Lines(string text) => text.Split('\n');

    private static Task<string> ReadAsync(StandaloneWorld world, string name) => File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(world.File)!, name), QuaySteps.Cancellation);
}
