using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Quay;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Model;
using static RegistryMigration.Clusters.Tests.Quay.Steps.OperatedWorld;

namespace RegistryMigration.Clusters.Tests.Quay.Steps;

/// <summary>Blocking writes under the operator: a bundle of its own, whatever is cut or changed by others meanwhile.</summary>
public sealed class OperatedBlockTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_new_bundle_blocks_and_the_old_one_is_pointed_back_to(bool managed)
    {
        await using var world = await CreateAsync(managed);
        var (spec, old) = (world.Spec, world.File(FirstBundle));
        var step = await world.BlockAsync();
        Assert.Contains("405", step.Proof, StringComparison.Ordinal);
        var made = Assert.Single(world.Made);
        Assert.Equal(made.Name, world.Bundle);
        Assert.Equal(old + "DISABLE_PUSHES: true\n", world.File(made.Name));
        Assert.Equal("a key of TLS", world.File(made.Name, "ssl.key"));
        Assert.Equal(old, world.File(FirstBundle));
        Assert.Equal(spec.Replace(FirstBundle, made.Name, StringComparison.Ordinal), world.Spec);
        await world.UndoAsync();
        Assert.Equal(spec, world.Spec);
        Assert.Equal(old, world.File(FirstBundle));

        // The same content has the same name.
        await world.BlockAsync();
        Assert.Equal(made.Name, Assert.Single(world.Made).Name);
    }

    [Fact]
    public async Task Nothing_secret_is_in_the_journal()
    {
        await using var world = await CreateAsync();
        await world.BlockAsync(new QuayServiceKey("kid", new Secret("pem-hush")));
        Assert.Equal("pem-hush", world.File(world.Bundle!, "quay-readonly.pem"));
        var journal = await System.IO.File.ReadAllTextAsync(world.Journal, QuaySteps.Cancellation);
        Assert.All(["hush", "since 2021", "SERVER_HOSTNAME"], secret => Assert.DoesNotContain(secret, journal, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_service_key_is_not_in_the_bundle_any_more_when_pushes_are_allowed()
    {
        await using var world = await CreateAsync();
        var first = world.Spec;
        await world.BlockAsync(new QuayServiceKey("kid", new Secret("pem-hush")));
        var blocked = world.Spec;
        await world.AllowAsync();
        Assert.All(["quay-readonly.kid", "quay-readonly.pem"], name => Assert.Null(world.File(world.Bundle!, name)));
        Assert.NotNull(world.File(world.Bundle!, "ssl.key"));
        await world.UndoAsync(to: "BlockWrites");
        Assert.Equal((blocked, "pem-hush"), (world.Spec, world.File(world.Bundle!, "quay-readonly.pem")));
        await world.UndoAsync();
        Assert.Equal(first, world.Spec);
    }

    [Fact]
    public async Task A_block_whose_bundle_is_written_goes_on_only_with_its_key()
    {
        await using var world = await CreateAsync();
        world.Starts = config => config.Scalar("REGISTRY_STATE") is null;
        var key = new QuayServiceKey("kid", new Secret("pem-hush"));
        await QuaySteps.RefusedAsync(() => world.BlockAsync(key), "ends again and again");
        var spec = world.Spec;
        await QuaySteps.RefusedAsync(() => world.BlockAsync(), "BlockWrites was begun", "-ServiceKey was given then");
        await QuaySteps.RefusedAsync(() => world.BlockAsync(key with { PrivateKey = new Secret("pem-other") }), "another one");
        Assert.Equal(spec, world.Spec);
        world.Starts = _ => true;
        world.Reconcile();
        Assert.Equal(MigrationStepState.Done, (await world.BlockAsync(key)).State);
    }

    [Fact]
    public async Task An_old_Quay_needs_a_service_key()
    {
        await using var world = await CreateAsync(version: "v3.12.4-rc1");
        await QuaySteps.RefusedAsync(() => world.BlockAsync(), "3.13", "-ServiceKey");
        Assert.Empty((await world.ReadAsync()).Steps);
        Assert.Empty(world.Cluster.Changes);
        Assert.Equal(MigrationStepState.Done, (await world.BlockAsync(new QuayServiceKey("kid", new Secret("pem")))).State);
        Assert.Equal(QuayState.ReadOnly, RegistryMigration.Clusters.Quay.Steps.QuayStates.Of(world.Running!));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_step_that_is_cut_at_any_request_ends_the_same(bool behind)
    {
        var count = 0;
        for (var at = 1; ; at++)
        {
            await using var world = await CreateAsync();
            var (spec, expected) = (world.Spec, world.File(FirstBundle) + "DISABLE_PUSHES: true\n");
            using var kill = new CancellationTokenSource();
            count = await CutAsync(world, at, behind, kill, () => world.BlockAsync(null, kill.Token));
            if (count < at)
                break;
            Assert.True((await world.ReadAsync()).Steps is [] or [{ State: MigrationStepState.Started }], $"request {at}");
            if (at % 2 == 0)
            {
                await world.UndoAsync();
                Assert.Equal(spec, world.Spec);
            }

            Assert.Equal(MigrationStepState.Done, (await world.BlockAsync()).State);
            Assert.Equal(world.Bundle, Assert.Single(world.Made).Name);
            Assert.Equal(expected, world.File(world.Bundle!));
            await world.UndoAsync();
            Assert.Equal(spec, world.Spec);
        }

        Assert.True(count > 15, $"{count} requests");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_undo_that_is_cut_at_any_request_goes_on(bool behind)
    {
        for (var at = 1; ; at++)
        {
            await using var world = await CreateAsync();
            var spec = world.Spec;
            await world.BlockAsync();
            using var kill = new CancellationTokenSource();
            if (await CutAsync(world, at, behind, kill, () => world.UndoAsync(cancellationToken: kill.Token)) < at)
                break;
            await world.UndoAsync();
            Assert.Equal(spec, world.Spec);
            Assert.Equal(QuayState.Normal, RegistryMigration.Clusters.Quay.Steps.QuayStates.Of(world.Running!));
        }
    }

    [Fact]
    public async Task Somebody_elses_bundle_is_not_overwritten()
    {
        await using var world = await CreateAsync();
        await world.BlockAsync();
        world.PutBundle("theirs", world.File(FirstBundle)!);
        world.Point("theirs");
        var spec = world.Spec;
        await QuaySteps.RefusedAsync(() => world.UndoAsync(), "theirs", FirstBundle);
        Assert.Equal(spec, world.Spec);
        world.Point(FirstBundle);
        await world.UndoAsync();
        Assert.Equal(FirstBundle, world.Bundle);
    }

    [Fact]
    public async Task Somebody_who_points_elsewhere_before_a_step_goes_on_is_told()
    {
        await using var world = await CreateAsync();
        await CutAtAsync(world, request => request is { Verb: "patch", DryRun: false });
        world.PutBundle("theirs", world.File(FirstBundle)! + "MORE: 1\n");
        world.Point("theirs");
        var spec = world.Spec;
        await QuaySteps.RefusedAsync(() => world.BlockAsync(), "theirs");
        Assert.Equal(spec, world.Spec);
    }

    [Fact]
    public async Task Somebody_who_points_elsewhere_while_it_is_rolled_out_is_told()
    {
        await using var world = await CreateAsync();
        world.PutBundle("theirs", world.File(FirstBundle)! + "MORE: 1\n");
        world.OperatorWorks = false;
        world.Time.Meanwhile = () => world.Point("theirs");
        await QuaySteps.RefusedAsync(() => world.BlockAsync(), "Somebody has pointed", "theirs");
        Assert.Equal("theirs", world.Bundle);
    }

    [Fact]
    public async Task An_old_bundle_that_is_edited_in_place_before_the_new_one_is_made_is_not_taken_for_the_same()
    {
        await using var world = await CreateAsync();
        await CutAtAsync(world, request => request is { Verb: "create" });
        world.PutBundle(FirstBundle, world.File(FirstBundle)! + "MORE: 1\n");
        await QuaySteps.RefusedAsync(() => world.BlockAsync(), "somebody has changed the Secret " + FirstBundle, "Undo-RegistryMigration");
        Assert.Empty(world.Made);
        await world.UndoAsync();
        await world.BlockAsync();
        Assert.Contains("MORE: 1\n", world.File(world.Bundle!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bundle_of_ours_that_somebody_edited_in_place_is_not_taken_for_what_its_name_says()
    {
        await using var world = await CreateAsync();
        await world.BlockAsync();
        var name = world.Bundle!;
        world.PutBundle(name, world.File(name)!.Replace("DISABLE_PUSHES: true", "MORE: 1", StringComparison.Ordinal));
        await world.UndoAsync();
        await QuaySteps.RefusedAsync(() => world.BlockAsync(), name, "changed");
        Assert.Equal(FirstBundle, world.Bundle);
        await world.UndoAsync();
        world.Cluster.Take(ResourceTypes.Secrets, Namespace, name);
        await world.BlockAsync();
        Assert.Equal(name, world.Bundle);
    }

    [Fact]
    public async Task An_old_bundle_that_was_deleted_is_named_by_the_undo()
    {
        await using var world = await CreateAsync();
        await world.BlockAsync();
        var (bundle, text) = (world.Bundle, world.File(FirstBundle)!);
        world.Cluster.Take(ResourceTypes.Secrets, Namespace, FirstBundle);
        await QuaySteps.RefusedAsync(() => world.UndoAsync(), FirstBundle, "is gone");
        Assert.Equal(bundle, world.Bundle);
        world.PutBundle(FirstBundle, text);
        await world.UndoAsync();
        Assert.Equal(FirstBundle, world.Bundle);
    }

    [Fact]
    public async Task A_new_bundle_that_was_deleted_does_not_keep_the_undo_from_the_old_one()
    {
        await using var world = await CreateAsync();
        await world.BlockAsync();
        world.Cluster.Take(ResourceTypes.Secrets, Namespace, world.Bundle!);
        world.Reconcile();
        await world.UndoAsync();
        Assert.Equal(FirstBundle, world.Bundle);
    }

    [Fact]
    public async Task Two_who_change_the_QuayRegistry_at_once_meet_again()
    {
        await using var world = await CreateAsync();
        var conflicts = 0;
        world.Cluster.Before = request =>
        {
            if (request is { Verb: "patch", DryRun: false } && conflicts++ < 2)
                world.Cluster.Edit(QuayTypes.QuayRegistries, Namespace, Name, registry => (registry["metadata"]!["annotations"] ??= new JsonObject())["n"] = $"{conflicts}");
            return Task.CompletedTask;
        };
        Assert.Equal(MigrationStepState.Done, (await world.BlockAsync()).State);
        Assert.Equal(3, conflicts);
    }

    // Cancels at a request and says how many there were.
    private static async Task<int> CutAsync(OperatedWorld world, int at, bool behind, CancellationTokenSource kill, Func<Task> action)
    {
        var (count, operates) = (0, world.Cluster.After!);
        world.Cluster.Before = _ => behind ? Task.CompletedTask : Count();
        world.Cluster.After = async request =>
        {
            await operates(request);
            if (behind)
                await Count();
        };
        try
        {
            await action();
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            world.Cluster.Before = null;
            world.Cluster.After = operates;
        }

        return count;

        async Task Count()
        {
            if (++count < at)
                return;
            await kill.CancelAsync();
            kill.Token.ThrowIfCancellationRequested();
        }
    }

    private static async Task CutAtAsync(OperatedWorld world, Func<FakeRequest, bool> here)
    {
        using var kill = new CancellationTokenSource();
        world.Cluster.Before = request =>
        {
            if (!here(request))
                return Task.CompletedTask;
            kill.Cancel();
            throw new OperationCanceledException(kill.Token);
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => world.BlockAsync(null, kill.Token));
        world.Cluster.Before = null;
    }
}
