using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;
using static RegistryMigration.Clusters.Tests.Quay.Steps.OperatedWorld;

namespace RegistryMigration.Clusters.Tests.Quay.Steps;

/// <summary>What the operator and the pods make of a new bundle.</summary>
public sealed class OperatedRolloutTests
{
    [Fact]
    public async Task What_the_operator_says_when_it_blocks_is_passed_on_soon()
    {
        await using var world = await CreateAsync();
        await world.PrepareAsync();
        // Somebody gives the storage back to the operator, which meets a bundle that names storage.
        world.Time.Meanwhile = world.Own;
        world.OperatorWorks = false;
        var started = world.Time.GetUtcNow();
        await QuaySteps.RefusedAsync(() => world.SwitchAsync(), "objectstorage component marked as managed, but `configBundleSecret` contains required fields", "Undo-RegistryMigration");
        Assert.InRange((world.Time.GetUtcNow() - started).TotalSeconds, 20, 25);
    }

    [Fact]
    public async Task A_block_of_before_is_given_time_to_go()
    {
        await using var world = await CreateAsync();
        var waits = 0;
        world.PutBundle("broken", "SERVER_HOSTNAME: quay.test\n");
        world.Point("broken");
        world.Cluster.Edit(RegistryMigration.Clusters.Quay.QuayTypes.QuayRegistries, Namespace, Name, registry => registry["spec"]!["configBundleSecret"] = FirstBundle);
        world.OperatorWorks = false;
        world.Time.Meanwhile = () =>
        {
            if (++waits == 15)
                world.Reconcile();
        };
        Assert.Equal(MigrationStepState.Done, (await world.BlockAsync()).State);
        Assert.True(waits >= 15);
    }

    [Fact]
    public async Task Pods_that_end_again_and_again_are_named_soon_and_the_undo_brings_the_old_ones_back()
    {
        await using var world = await CreateAsync();
        var spec = world.Spec;
        world.Starts = config => config.Flag("DISABLE_PUSHES") != true;
        var started = world.Time.GetUtcNow();
        await QuaySteps.RefusedAsync(() => world.BlockAsync(), "registry-quay-app-2", "Undo-RegistryMigration");
        Assert.InRange((world.Time.GetUtcNow() - started).TotalSeconds, 20, 25);
        // An operator that takes longer than that to look at the undo.
        world.OperatorWorks = false;
        var waits = 0;
        world.Time.Meanwhile = () =>
        {
            if (++waits == 40)
                world.Reconcile();
        };
        await world.UndoAsync();
        Assert.Equal(spec, world.Spec);
        Assert.True(waits >= 40);
        Assert.Null(world.Cluster.Peek(ResourceTypes.Pods, Namespace, "registry-quay-app-2"));
    }

    [Fact]
    public async Task A_pod_of_the_old_configuration_that_does_not_end_is_named()
    {
        await using var world = await CreateAsync();
        var rendered = Rendered(world);
        // A pod that does not end is still there when its place in the deployment is taken.
        var works = world.Cluster.After!;
        world.Cluster.After = async request =>
        {
            await works(request);
            if (request is { Verb: "patch", DryRun: false })
                world.PutPod("lingering", rendered);
        };
        var failure = await QuaySteps.RefusedAsync(() => world.BlockAsync(), "lingering still runs with an older configuration");
        Assert.Equal(ClusterErrorKind.TimedOut, failure.Kind);
        world.Cluster.After = works;
        world.Cluster.Take(ResourceTypes.Pods, Namespace, "lingering");
        Assert.Equal(MigrationStepState.Done, (await world.BlockAsync()).State);
    }

    [Fact]
    public async Task An_operator_that_does_nothing_is_a_time_out_and_goes_on_later()
    {
        await using var world = await CreateAsync();
        world.OperatorWorks = false;
        var failure = await QuaySteps.RefusedAsync(() => world.BlockAsync(), "the deployment has an older configuration", "After 120 s");
        Assert.Equal(ClusterErrorKind.TimedOut, failure.Kind);
        world.OperatorWorks = true;
        world.Reconcile();
        Assert.Equal(MigrationStepState.Done, (await world.BlockAsync()).State);
        Assert.Single(world.Made);
    }

    private static string Rendered(OperatedWorld world) => RegistryMigration.Clusters.Quay.QuaySources.RenderedOf(world.Cluster.Peek(ResourceTypes.Pods, Namespace, "registry-quay-app-0")!, Name)!;
}
