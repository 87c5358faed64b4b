using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.OpenShift.Steps;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.OpenShift.Steps;

public sealed class PrunerStepTests
{
    private const string Job = """{"metadata":{"labels":{"created-by":"image-pruner"}},"spec":{}}""";

    [Fact]
    public async Task Suspends_waits_for_runs_and_restores_an_absent_setting()
    {
        await using var world = await StepWorld.CreateAsync();
        world.Cluster.Put(ResourceTypes.Jobs, StepWorld.Namespace, "image-pruner-1", Job);
        var asked = 0;
        world.Cluster.Before = request =>
        {
            if (request.Type == ResourceTypes.Jobs && ++asked == 2)
                world.Cluster.Edit(ResourceTypes.Jobs, StepWorld.Namespace, "image-pruner-1", job => job["status"] = JsonNode.Parse("""{"conditions":[{"type":"Failed","status":"True"}]}"""));
            return Task.CompletedTask;
        };
        var step = await world.SuspendAsync();
        Assert.Equal(MigrationStepState.Done, step.State);
        Assert.Contains("image-pruner-1", step.Proof, StringComparison.Ordinal);
        Assert.True(world.Pruner!.Flag("spec", "suspend"));

        await world.UndoAsync();
        Assert.Null(world.Pruner!.At("spec", "suspend"));
    }

    [Fact]
    public async Task Waits_until_the_operator_has_suspended_the_cron_job()
    {
        await using var world = await StepWorld.CreateAsync();
        world.Cluster.Put(StepWorld.CronJobs, StepWorld.Namespace, ImageRegistryNames.PrunerCronJob, """{"spec":{"suspend":false}}""");
        world.OperatorWorks = false;
        world.Timeout = TimeSpan.FromMilliseconds(10);
        var failure = await Assert.ThrowsAsync<ClusterException>(world.SuspendAsync);
        Assert.Equal(ClusterErrorKind.TimedOut, failure.Kind);
        Assert.Contains("image-pruner", failure.Message, StringComparison.Ordinal);
        Assert.Equal(MigrationStepState.Failed, Assert.Single((await world.ReadAsync()).Steps).State);

        world.OperatorWorks = true;
        world.Cluster.Edit(StepWorld.CronJobs, StepWorld.Namespace, ImageRegistryNames.PrunerCronJob, job => job["spec"]!["suspend"] = true);
        Assert.Equal(MigrationStepState.Done, (await world.SuspendAsync()).State);
        await world.UndoAsync();
        Assert.Null(world.Pruner!.At("spec", "suspend"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Resuming_gives_back_what_was_recorded(bool? suspended)
    {
        await using var world = await StepWorld.CreateAsync();
        if (suspended is { } value)
            world.Cluster.Edit(OpenShiftTypes.ImagePruners, null, "cluster", pruner => pruner["spec"]!["suspend"] = value);
        await world.SuspendAsync();
        Assert.True(world.Pruner!.Flag("spec", "suspend"));
        var resumed = await world.RunAsync(info => new ResumePrunerStep(StepActions.ResumePruner, info.Steps[0], world.Work));
        Assert.Equal(suspended == true ? "suspended, as it was before" : "may run again", resumed.Proof);
        Assert.Equal(suspended, world.Pruner!.Flag("spec", "suspend"));
        await world.UndoAsync();
        Assert.Equal(suspended, world.Pruner!.Flag("spec", "suspend"));
    }

    [Fact]
    public async Task No_pruner_is_nothing_to_suspend()
    {
        await using var world = await StepWorld.CreateAsync();
        world.Cluster.Take(OpenShiftTypes.ImagePruners, null, "cluster");
        Assert.Contains("no pruner", (await world.SuspendAsync()).Proof, StringComparison.Ordinal);
        await world.UndoAsync();
        Assert.Null(world.Pruner);
    }

    [Fact]
    public async Task A_step_that_was_done_is_not_made_again()
    {
        await using var world = await StepWorld.CreateAsync();
        await world.SuspendAsync();
        var changes = world.Cluster.Changes.Count();
        Assert.Equal(MigrationStepState.Done, (await world.SuspendAsync()).State);
        Assert.Equal(changes, world.Cluster.Changes.Count());
    }
}
