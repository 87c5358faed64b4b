using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Quay;
using RegistryMigration.Clusters.Quay.Configuration;
using RegistryMigration.Model;
using static RegistryMigration.Clusters.Tests.Quay.Steps.OperatedWorld;

namespace RegistryMigration.Clusters.Tests.Quay.Steps;

/// <summary>The switch under the operator, with storage that it owned and with storage that it did not.</summary>
public sealed class OperatedSwitchTests
{
    private const string Unmanaged = """[{"kind":"quay","managed":true,"overrides":{"replicas":2}},{"kind":"postgres","managed":false},{"kind":"objectstorage","managed":false},{"kind":"route","managed":true}]""";

    [Fact]
    public async Task Storage_of_the_operator_is_taken_out_of_its_hands_in_the_same_change_and_given_back()
    {
        await using var world = await CreateAsync(managed: true);
        await world.PrepareAsync();
        var (blocked, config) = (world.Spec, world.File(world.Bundle!));
        var step = await world.SwitchAsync();
        Assert.Contains("has written to the new storage", step.Proof, StringComparison.Ordinal);
        Assert.Equal(Unmanaged, world.Registry.At("spec", "components")!.ToJsonString());
        var given = QuayConfig.Parse(world.File(world.Bundle!)!);
        Assert.Equal($$"""{"local_us":["LocalStorage",{"storage_path":"{{world.New}}"}]}""", given.At("DISTRIBUTED_STORAGE_CONFIG")!.ToJsonString());
        Assert.Equal(("[\"local_us\"]", true), (given.At("DISTRIBUTED_STORAGE_PREFERENCE")!.ToJsonString(), given.Flag("FEATURE_PROXY_STORAGE")));
        Assert.StartsWith(config!, world.File(world.Bundle!), StringComparison.Ordinal);
        Assert.Single(world.Cluster.Changes, change => change is { Verb: "patch" } && change.Body!.ToJsonString().Contains("components", StringComparison.Ordinal));
        await world.UndoAsync(to: "BlockWrites");
        Assert.Equal(blocked, world.Spec);
        Assert.Contains("volumeSize", blocked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Components_that_somebody_changed_since_stay_when_the_storage_is_given_back()
    {
        await using var world = await CreateAsync(managed: true);
        await world.PrepareAsync();
        await world.SwitchAsync();
        world.Cluster.Edit(QuayTypes.QuayRegistries, Namespace, Name, registry => registry["spec"]!["components"]![0]!["overrides"]!["replicas"] = 5);
        await world.UndoAsync(to: "BlockWrites");
        Assert.Equal(
            Unmanaged.Replace("\"replicas\":2", "\"replicas\":5", StringComparison.Ordinal).Replace("\"objectstorage\",\"managed\":false", "\"objectstorage\",\"managed\":true,\"overrides\":{\"volumeSize\":\"50Gi\"}", StringComparison.Ordinal),
            world.Registry.At("spec", "components")!.ToJsonString());
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[{\"kind\":\"quay\",\"managed\":true}]")]
    [InlineData(null)]
    public async Task A_component_that_is_not_listed_is_the_operators_and_is_so_again(string? components)
    {
        await using var world = await CreateAsync(managed: true, components ?? "[]");
        if (components is null)
            world.Cluster.Edit(QuayTypes.QuayRegistries, Namespace, Name, registry => registry["spec"]!.AsObject().Remove("components"));
        await world.PrepareAsync();
        await world.SwitchAsync();
        Assert.Contains("{\"kind\":\"objectstorage\",\"managed\":false}", world.Spec, StringComparison.Ordinal);
        await world.UndoAsync();
        Assert.Equal(components ?? "[]", world.Registry.At("spec", "components")!.ToJsonString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_undo_brings_back_exactly_what_was_there(bool managed)
    {
        await using var world = await CreateAsync(managed);
        var specs = new List<string> { world.Spec };
        await world.BlockAsync();
        specs.Add(world.Spec);
        await world.CopyAsync();
        await world.SwitchAsync();
        specs.Add(world.Spec);
        await world.PullAsync();
        var allowed = await world.AllowAsync();
        Assert.NotNull(allowed.NoReturn);
        Assert.Equal(QuayState.Normal, RegistryMigration.Clusters.Quay.Steps.QuayStates.Of(world.Running!));
        var open = world.Spec;
        await QuaySteps.RefusedAsync(() => world.UndoAsync(), "would lose something");
        var again = await world.BlockAsync();
        Assert.Equal(("BlockWrites-2", "AllowWrites"), (again.Id, (string?)again.Before!["follows"]));
        Assert.Equal(QuayState.PushesDisabled, RegistryMigration.Clusters.Quay.Steps.QuayStates.Of(world.Running!));
        await world.CopyAsync(world.New, world.Old, audit: false);
        await world.UndoAsync(to: "AllowWrites");
        Assert.NotEqual(open, world.Spec);
        foreach (var (to, spec) in new[] { ("SwitchBackend", specs[2]), ("BlockWrites", specs[1]), (null, specs[0]) })
        {
            await world.UndoAsync(to, force: true);
            Assert.Equal(spec, world.Spec);
        }

        Assert.Equal(QuayState.Normal, RegistryMigration.Clusters.Quay.Steps.QuayStates.Of(world.Running!));
        Assert.Contains(world.Old, world.Running!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_switch_that_is_cut_at_any_request_ends_the_same_and_is_undone()
    {
        var count = 0;
        for (var at = 1; ; at++)
        {
            await using var world = await CreateAsync(managed: true);
            var first = world.Spec;
            await world.PrepareAsync();
            var blocked = world.Spec;
            using var kill = new CancellationTokenSource();
            (count, var operates) = (0, world.Cluster.After!);
            world.Cluster.After = async request =>
            {
                await operates(request);
                if (++count < at)
                    return;
                await kill.CancelAsync();
                kill.Token.ThrowIfCancellationRequested();
            };
            try
            {
                await world.SwitchAsync(cancellationToken: kill.Token);
            }
            catch (OperationCanceledException)
            {
            }

            world.Cluster.After = operates;
            if (count < at)
                break;
            if (at % 2 == 0)
            {
                var steps = (await world.ReadAsync()).Steps;
                await world.UndoAsync(to: steps[^1].Action == "SwitchBackend" ? steps[^2].Id : null);
                if ((await world.ReadAsync()).Steps[0].State == MigrationStepState.Undone)
                {
                    Assert.Equal(first, world.Spec);
                    continue;
                }

                Assert.Equal(blocked, world.Spec);
            }

            Assert.Equal(MigrationStepState.Done, (await world.SwitchAsync()).State);
            Assert.Equal(Unmanaged, world.Registry.At("spec", "components")!.ToJsonString());
            Assert.Equal(2, world.Made.Count);
            await world.UndoAsync();
            Assert.Equal(first, world.Spec);
        }

        Assert.True(count > 20, $"{count} requests");
    }

    [Fact]
    public async Task A_switch_whose_bundle_is_written_goes_on_only_as_it_was_begun()
    {
        await using var world = await CreateAsync(managed: true);
        await world.PrepareAsync();
        world.Starts = config => !config.Text.Contains(world.New, StringComparison.Ordinal);
        await QuaySteps.RefusedAsync(() => world.SwitchAsync(), "ends again and again");
        var spec = world.Spec;
        await QuaySteps.RefusedAsync(() => world.SwitchAsync(request => request with { DriverSettings = new System.Text.Json.Nodes.JsonObject { ["port"] = 9 } }), "SwitchBackend was begun", "-DriverSetting was not given then");
        Assert.Equal(spec, world.Spec);
        world.Starts = _ => true;
        world.Reconcile();
        Assert.Equal(MigrationStepState.Done, (await world.SwitchAsync()).State);
    }

    [Fact]
    public async Task A_bundle_of_the_switch_that_was_deleted_does_not_keep_the_undo_from_the_old_one()
    {
        await using var world = await CreateAsync();
        var first = world.Spec;
        await world.PrepareAsync();
        await world.SwitchAsync();
        world.Cluster.Take(ResourceTypes.Secrets, Namespace, world.Bundle!);
        world.Reconcile();
        await world.UndoAsync();
        Assert.Equal(first, world.Spec);
    }

    [Fact]
    public async Task Writes_that_somebody_else_allowed_are_not_lost_by_an_undo()
    {
        await using var world = await CreateAsync();
        await world.PrepareAsync();
        await world.SwitchAsync();
        world.PutBundle(world.Bundle!, world.File(world.Bundle!)!.Replace("DISABLE_PUSHES: true\n", "", StringComparison.Ordinal));
        world.Reconcile();
        await QuaySteps.RefusedAsync(() => world.UndoAsync(), "Quay takes writes");
    }

    [Fact]
    public async Task A_storage_that_Quay_does_not_reach_is_told_and_the_undo_restores()
    {
        await using var world = await CreateAsync(managed: true);
        var first = world.Spec;
        await world.PrepareAsync();
        world.Starts = config => !config.Text.Contains(world.New, StringComparison.Ordinal);
        await QuaySteps.RefusedAsync(() => world.SwitchAsync(), "ends again and again", "Undo-RegistryMigration");
        await world.UndoAsync();
        Assert.Equal(first, world.Spec);
        Assert.Contains(world.Old, world.Running!.Text, StringComparison.Ordinal);
    }
}
