using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;
using static RegistryMigration.Clusters.Tests.OpenShift.Steps.StepWorld;

namespace RegistryMigration.Clusters.Tests.OpenShift.Steps;

public sealed class ReadOnlyStepTests
{
    [Theory]
    [InlineData("", null)]
    [InlineData("\"readOnly\":false", false)]
    [InlineData("\"readOnly\":true", true)]
    public async Task Blocking_is_proven_and_its_undo_is_exact(string spec, bool? before)
    {
        await using var world = await CreateAsync(spec.Length > 0 ? $"\"rolloutStrategy\":\"Recreate\",{spec}" : "\"rolloutStrategy\":\"Recreate\"");
        var step = await world.BlockAsync();
        Assert.True(world.Config.Flag("spec", "readOnly"));
        Assert.Contains("405", step.Proof, StringComparison.Ordinal);
        Assert.NotNull(WriteBlockRecord.TimeOf(step));
        Assert.Same(step.Id, StepActions.BlockWrites);
        await world.UndoAsync();
        Assert.Equal(before, world.Config.Flag("spec", "readOnly"));
    }

    [Theory]
    [InlineData(WriteVerdict.Unproven)]
    [InlineData(WriteVerdict.Accepted)]
    public async Task What_is_not_refused_proves_nothing(WriteVerdict verdict)
    {
        await using var world = await CreateAsync();
        var failure = await Assert.ThrowsAsync<ClusterException>(() => world.BlockAsync(Push(verdict)));
        Assert.Contains("not proven", failure.Message, StringComparison.Ordinal);
        Assert.True(world.Config.Flag("spec", "readOnly"));
        var info = await world.ReadAsync();
        Assert.Equal(MigrationStepState.Failed, Assert.Single(info.Steps).State);
        Assert.Null(CutOverGate.BlockOf(info.Steps));

        Assert.Equal(MigrationStepState.Done, (await world.BlockAsync()).State);
        await world.UndoAsync();
        Assert.Null(world.Config.At("spec", "readOnly"));
    }

    [Fact]
    public async Task An_unmanaged_registry_is_refused_and_nothing_is_recorded()
    {
        await using var world = await CreateAsync();
        world.Cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!["managementState"] = "Unmanaged");
        var failure = await Assert.ThrowsAsync<ClusterException>(() => world.BlockAsync());
        Assert.Equal(ClusterErrorKind.Precondition, failure.Kind);
        Assert.Empty((await world.ReadAsync()).Steps);
        Assert.Empty(world.Cluster.Changes);
    }

    [Fact]
    public async Task A_registry_that_became_unmanaged_is_refused_when_a_step_goes_on_and_when_it_is_undone()
    {
        await using var world = await CreateAsync();
        await Assert.ThrowsAsync<ClusterException>(() => world.BlockAsync(Push(WriteVerdict.Unproven)));
        world.Cluster.Edit(OpenShiftTypes.Configs, null, ImageRegistryNames.Config, config => config["spec"]!["managementState"] = "Unmanaged");
        var before = world.Spec;
        var resumed = await Assert.ThrowsAsync<ClusterException>(() => world.BlockAsync());
        var undone = await Assert.ThrowsAsync<ClusterException>(() => world.UndoAsync());
        Assert.All([resumed, undone], failure => Assert.Contains("is Unmanaged, so that its operator acts on no change", failure.Message, StringComparison.Ordinal));
        Assert.Equal(before, world.Spec);
        world.Cluster.Edit(OpenShiftTypes.Configs, null, ImageRegistryNames.Config, config => config["spec"]!["managementState"] = "Managed");
        await world.UndoAsync();
        Assert.Null(world.Config.At("spec", "readOnly"));
    }

    [Fact]
    public async Task Old_pods_are_waited_for()
    {
        await using var world = await CreateAsync();
        world.PutPod("ending", new JsonObject { ["containers"] = new JsonArray() });
        world.PutPod("ended", new JsonObject { ["containers"] = new JsonArray() }, "Succeeded");
        world.Timeout = TimeSpan.FromMilliseconds(50);
        var failure = await Assert.ThrowsAsync<ClusterException>(() => world.BlockAsync());
        Assert.Equal(ClusterErrorKind.TimedOut, failure.Kind);
        Assert.Contains("ending", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("ended", failure.Message, StringComparison.Ordinal);
        world.Cluster.Take(ResourceTypes.Pods, Namespace, "ending");
        world.Timeout = TimeSpan.FromSeconds(20);
        Assert.Equal(MigrationStepState.Done, (await world.BlockAsync()).State);
    }

    [Fact]
    public async Task A_change_that_is_taken_back_is_made_again()
    {
        await using var world = await CreateAsync();
        var taken = false;
        world.Cluster.Before = request =>
        {
            // An operator with an old copy of the spec writes it back right after the change.
            if (request is { Verb: "watch" } && request.Type == OpenShiftTypes.Configs && !taken)
            {
                taken = true;
                world.Cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!.AsObject().Remove("readOnly"));
                world.Reconcile();
            }

            return Task.CompletedTask;
        };
        Assert.Equal(MigrationStepState.Done, (await world.BlockAsync()).State);
        Assert.True(taken);
        Assert.True(world.Config.Flag("spec", "readOnly"));
    }

    [Fact]
    public async Task A_conflict_is_met_with_another_try()
    {
        await using var world = await CreateAsync();
        var conflicts = 0;
        world.Cluster.Before = request =>
        {
            if (request is { Verb: "patch", DryRun: false } && conflicts++ < 2)
                world.Cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => (config["metadata"]!["annotations"] ??= new JsonObject())["n"] = $"{conflicts}");
            return Task.CompletedTask;
        };
        Assert.Equal(MigrationStepState.Done, (await world.BlockAsync()).State);
        Assert.Equal(3, conflicts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_step_cut_before_or_behind_its_patch_goes_on_and_is_undone(bool behind)
    {
        await using var world = await CreateAsync();
        using var kill = new CancellationTokenSource();
        var operatorWorks = world.Cluster.After!;
        if (behind)
            world.Cluster.After = async request => { await operatorWorks(request); Kill(request); };
        else
            world.Cluster.Before = request => { Kill(request); return Task.CompletedTask; };
        await using (var run = await world.OpenAsync())
        {
            var step = await OpenShiftSystem.Instance.BlockWritesAsync(world.Context(run.Info), new BlockRequest(_ => Task.FromResult(Push(WriteVerdict.Refused))), kill.Token);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.RunAsync(step, kill.Token));
        }

        world.Cluster.Before = null;
        world.Cluster.After = operatorWorks;
        Assert.Equal(behind, world.Config.Flag("spec", "readOnly") == true);
        Assert.Equal(MigrationStepState.Started, Assert.Single((await world.ReadAsync()).Steps).State);
        if (behind)
        {
            Assert.Equal(MigrationStepState.Done, (await world.BlockAsync()).State);
            Assert.True(world.Config.Flag("spec", "readOnly"));
        }

        Assert.Equal(MigrationStepState.Undone, Assert.Single(await world.UndoAsync()).State);
        Assert.Null(world.Config.At("spec", "readOnly"));

        void Kill(FakeRequest request)
        {
            if (request is not { Verb: "patch", DryRun: false })
                return;
            kill.Cancel();
            kill.Token.ThrowIfCancellationRequested();
        }
    }

    [Fact]
    public async Task Writes_are_allowed_as_they_were_before_any_switch_without_a_loss()
    {
        await using var world = await CreateAsync();
        await world.BlockAsync();
        var step = await world.AllowAsync();
        Assert.Null(world.Config.At("spec", "readOnly"));
        Assert.Null(step.NoReturn);
        Assert.Null(CutOverGate.BlockOf((await world.ReadAsync()).Steps));
        var again = await world.BlockAsync();
        Assert.Equal("BlockWrites-2", again.Id);
        Assert.NotNull(CutOverGate.BlockOf((await world.ReadAsync()).Steps));
        await world.UndoAsync();
        Assert.Null(world.Config.At("spec", "readOnly"));
    }

    [Fact]
    public async Task A_push_that_fails_is_no_proof_that_writes_are_taken()
    {
        await using var world = await CreateAsync();
        await world.BlockAsync();
        await Assert.ThrowsAsync<ClusterException>(() => world.AllowAsync(push: Push(WriteVerdict.Unproven)));
        Assert.Equal(MigrationStepState.Done, (await world.AllowAsync()).State);
    }
}
