using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Quay.Steps;

/// <summary>The switch by config.yaml, and what refuses it.</summary>
public sealed class StandaloneSwitchTests
{
    [Fact]
    public async Task A_look_whether_it_could_be_switched_writes_nothing()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await world.PrepareAsync();
        var (text, files) = (world.Text, Directory.GetFiles(world.New, "*", SearchOption.AllDirectories));
        await world.TrySwitchAsync();
        Assert.Equal(text, world.Text);
        Assert.Equal(files, Directory.GetFiles(world.New, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Writes_stay_blocked_until_a_pass_from_the_old_storage_began_after_the_switch()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await world.PrepareAsync();
        await Task.Delay(TimeSpan.FromSeconds(1), world.Clock, QuaySteps.Cancellation);
        await world.SwitchAsync();
        await world.PullAsync();
        await QuaySteps.RefusedAsync(() => world.AllowAsync(force: false), "Sync-RegistryBlobs once more");
        await world.CopyAsync(from: world.New, to: world.New, audit: false);
        await QuaySteps.RefusedAsync(() => world.AllowAsync(force: false), "Sync-RegistryBlobs once more");
        await world.CopyAsync(audit: false);
        Assert.Equal(MigrationStepState.Done, (await world.AllowAsync(force: false)).State);
    }

    [Fact]
    public async Task Only_the_location_changes_and_each_undo_brings_back_every_byte()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        var texts = new List<string> { world.First };
        await world.BlockAsync();
        texts.Add(world.Text);
        await world.CopyAsync();
        var step = await world.SwitchAsync();
        Assert.Contains("has written to the new storage", step.Proof, StringComparison.Ordinal);
        Assert.Null(step.Forced);
        var location = world.Running!.At("DISTRIBUTED_STORAGE_CONFIG", "default");
        Assert.Equal($$"""["LocalStorage",{"storage_path":"{{world.New}}"}]""", location!.ToJsonString());
        texts.Add(world.Text);
        await world.PullAsync();
        await world.AllowAsync();
        await world.BlockAsync();
        await world.CopyAsync(world.New, world.Old, audit: false);
        foreach (var (to, text) in new[] { ("SwitchBackend", texts[2]), ("BlockWrites", texts[1]), (null, texts[0]) })
        {
            await world.UndoAsync(to, force: true);
            Assert.Equal(text, world.Text);
        }

        Assert.Equal(QuayState.Normal, RegistryMigration.Clusters.Quay.Steps.QuayStates.Of(world.Running!));
    }

    [Theory]
    [InlineData("block", "run Set-RegistryReadOnly")]
    [InlineData("pass", "no pass to")]
    [InlineData("audit", "no audit of")]
    [InlineData("allowed by hand", "Quay takes writes now")]
    public async Task What_is_not_proven_refuses_the_switch_and_force_records_it(string missing, string words)
    {
        await using var world = await StandaloneWorld.CreateAsync();
        if (missing != "block")
            await world.BlockAsync();
        if (missing != "pass")
            await world.CopyAsync(audit: missing != "audit");
        if (missing == "allowed by hand")
        {
            await File.WriteAllTextAsync(world.File, world.First, QuaySteps.Cancellation);
            world.Restart();
        }

        var text = world.Text;
        await QuaySteps.RefusedAsync(() => world.SwitchAsync(), words, "Nothing was changed", "-Force");
        Assert.Equal(text, world.Text);
        Assert.DoesNotContain((await world.ReadAsync()).Steps, step => step.Action == "SwitchBackend");
        var forced = await world.SwitchAsync(request => request with { Force = true });
        Assert.Contains(words, forced.Forced, StringComparison.Ordinal);
        Assert.Contains(words, Assert.Single((await world.ReadAsync()).Steps, step => step.Action == "SwitchBackend").Forced, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("driver", "RadosGWStorag", "RadosGWStorage")]
    [InlineData("driver of another kind", "SwiftStorage", "LocalStorage can")]
    [InlineData("setting", "storage_pth", "storage_path")]
    public async Task What_Quay_would_not_start_with_is_refused(string wrong, string given, string words)
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await world.PrepareAsync();
        var text = world.Text;
        var failure = await Assert.ThrowsAsync<FormatException>(() => world.SwitchAsync(request => wrong == "setting"
            ? request with { DriverSettings = new JsonObject { [given] = "x" } }
            : request with { Driver = given }));
        Assert.Contains(given, failure.Message, StringComparison.Ordinal);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        Assert.Equal(text, world.Text);
        Assert.DoesNotContain((await world.ReadAsync()).Steps, step => step.Action == "SwitchBackend");
    }

    [Fact]
    public async Task One_of_several_locations_has_to_be_named()
    {
        await using var world = await StandaloneWorld.CreateAsync("DISTRIBUTED_STORAGE_CONFIG:\n  here: [LocalStorage, {storage_path: /datastorage/registry}]\n  there:\n  - LocalStorage\n  - {storage_path: /elsewhere} # far\nDISTRIBUTED_STORAGE_PREFERENCE: [there, here]\n");
        await world.PrepareAsync();
        await QuaySteps.RefusedAsync(() => world.SwitchAsync(), "several storage locations", "here", "there", "-Location");
        await QuaySteps.RefusedAsync(() => world.SwitchAsync(request => request with { Location = "nowhere" }), "no location 'nowhere'", "there");
        await world.SwitchAsync(request => request with { Location = "here" });
        Assert.Equal($$"""{"here":["LocalStorage",{"storage_path":"{{world.New}}"}],"there":["LocalStorage",{"storage_path":"/elsewhere"}]}""", world.Running!.At("DISTRIBUTED_STORAGE_CONFIG")!.ToJsonString());
        await world.UndoAsync();
        Assert.Equal(world.First, world.Text);
    }

    [Theory]
    [InlineData("empty", "holds nothing that looks like Quay's storage")]
    [InlineData("docker-registry", "layout of docker-registry")]
    [InlineData("same", "already for its location default")]
    public async Task A_destination_that_is_none_is_refused(string kind, string words)
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await world.PrepareAsync();
        var place = kind == "same" ? world.Old : Path.Combine(world.Folder, kind);
        Directory.CreateDirectory(place);
        if (kind == "docker-registry")
        {
            var blob = Path.Combine(place, "docker/registry/v2/blobs", QuaySteps.Blob, "data");
            Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
            await File.WriteAllTextAsync(blob, "abc", QuaySteps.Cancellation);
        }

        await QuaySteps.RefusedAsync(() => world.SwitchAsync(request => request with { Destination = new RegistryStore(place) }), words);
        Assert.DoesNotContain((await world.ReadAsync()).Steps, step => step.Action == "SwitchBackend");
    }

    [Fact]
    public async Task Credentials_that_expire_and_a_second_destination_are_refused()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await world.PrepareAsync();
        var store = new RegistryStore("s3://images") { S3 = new S3Options { Endpoint = new Uri("http://127.0.0.1:9"), Region = "here", AccessKey = "key", SecretKey = new Secret("hush"), SessionToken = new Secret("token") } };
        await QuaySteps.RefusedAsync(() => world.SwitchAsync(request => request with { Destination = store }), "temporary", "-StorageCredential");
        await world.SwitchAsync();
        await QuaySteps.RefusedAsync(() => world.SwitchAsync(request => request with { Destination = new RegistryStore(world.Old) }), "switched to " + world.New + " already");
    }

    [Theory]
    [InlineData("-Destination")]
    [InlineData("-Driver")]
    [InlineData("-DriverSetting")]
    [InlineData("-Location")]
    [InlineData("-StorageCredential")]
    [InlineData("-Fingerprint")]
    public async Task A_switch_goes_on_only_as_it_was_begun(string parameter)
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await world.PrepareAsync();
        var works = world.Restarts;
        world.Restarts = null;
        await QuaySteps.RefusedAsync(() => world.SwitchAsync(), "has not written to the new storage");
        world.Restarts = works;
        var text = world.Text;
        SwitchRequest Other(SwitchRequest request) => parameter switch
        {
            "-Destination" => request with { Destination = new RegistryStore(world.Old) },
            "-Driver" => request with { Driver = "SwiftStorage" },
            "-DriverSetting" => request with { DriverSettings = new JsonObject { ["secret_key"] = "hush" } },
            "-Location" => request with { Location = "default" },
            "-StorageCredential" => request with { Account = new StorageAccount("key", new Secret("hush")) },
            _ => request with { Fingerprint = new string('a', 64) },
        };
        await QuaySteps.RefusedAsync(() => world.SwitchAsync(Other), "SwitchBackend was begun", parameter, "Undo-RegistryMigration");
        Assert.Equal(text, world.Text);
        Assert.Equal(MigrationStepState.Done, (await world.SwitchAsync()).State);
        await QuaySteps.RefusedAsync(() => world.SwitchAsync(Other), parameter == "-Destination" ? "already" : parameter);
        Assert.Equal(MigrationStepState.Done, (await world.SwitchAsync()).State);
        Assert.DoesNotContain("hush", await File.ReadAllTextAsync(world.Journal, QuaySteps.Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_storage_that_Quay_may_not_write_to_is_refused_before_anything_is_recorded()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await world.PrepareAsync();
        var text = world.Text;
        // Where the trial has to make its own place, and the blobs that were copied can be read.
        await File.WriteAllTextAsync(Path.Combine(world.New, "registrymigration-probe"), "in the way", QuaySteps.Cancellation);
        await QuaySteps.RefusedAsync(() => world.SwitchAsync(), "can't be used by the account", "Small object", "Nothing was changed");
        Assert.Equal(text, world.Text);
        Assert.DoesNotContain((await world.ReadAsync()).Steps, step => step.Action == "SwitchBackend");
        File.Delete(Path.Combine(world.New, "registrymigration-probe"));
        Assert.Equal(MigrationStepState.Done, (await world.SwitchAsync()).State);
        Assert.Equal(["_verify", "sha256"], Directory.GetFileSystemEntries(world.New).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_Quay_that_was_not_restarted_has_not_written_to_the_new_storage()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await world.PrepareAsync();
        var works = world.Restarts;
        world.Restarts = null;
        await QuaySteps.RefusedAsync(() => world.SwitchAsync(), "has not written to the new storage", "Was it restarted", "Undo-RegistryMigration");
        world.Restarts = works;
        Assert.Equal(MigrationStepState.Done, (await world.SwitchAsync()).State);
    }

    [Fact]
    public async Task Somebody_who_changed_the_location_since_keeps_nothing_of_ours_and_all_of_theirs()
    {
        await using var world = await StandaloneWorld.CreateAsync();
        await world.PrepareAsync();
        await world.SwitchAsync();
        await File.WriteAllTextAsync(world.File, world.Text.Replace("MAIL_PORT: 1025", "MAIL_PORT: 25", StringComparison.Ordinal), QuaySteps.Cancellation);
        await world.UndoAsync();
        var expected = RegistryMigration.Clusters.Quay.Configuration.QuayConfig.Parse(world.First.Replace("MAIL_PORT: 1025", "MAIL_PORT: 25", StringComparison.Ordinal));
        Assert.Equal(expected.Json.ToJsonString(), RegistryMigration.Clusters.Quay.Configuration.QuayConfig.Parse(world.Text).Json.ToJsonString());
    }
}
