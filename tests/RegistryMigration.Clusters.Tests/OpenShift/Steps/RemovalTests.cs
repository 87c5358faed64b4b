using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.OpenShift.Steps;
using RegistryMigration.Model;
using static RegistryMigration.Clusters.Tests.OpenShift.Steps.StepWorld;

namespace RegistryMigration.Clusters.Tests.OpenShift.Steps;

public sealed class RemovalTests
{
    [Theory]
    [InlineData("no switch", "Switch-RegistryBackend", false)]
    [InlineData("no pull", "no image was pulled", true)]
    [InlineData("pull failed", "failed for 1 of 3", true)]
    [InlineData("held", "hold period of 7 days", true)]
    [InlineData("mounted", "Pods mount the claim images: reader", false)]
    [InlineData("used", "uses the claim images", false)]
    public async Task The_claim_stays_while_something_speaks_against_it(string obstacle, string expected, bool forcible)
    {
        await using var world = await CreateAsync();
        await world.PrepareAsync();
        if (obstacle != "no switch")
            await world.SwitchAsync();
        if (obstacle != "no pull")
            await world.PullAsync(failed: obstacle == "pull failed" ? 1 : 0);
        if (obstacle == "mounted")
            world.PutPod("reader", JsonNode.Parse("""{"containers":[],"volumes":[{"persistentVolumeClaim":{"claimName":"images"}}]}""")!.AsObject());
        if (obstacle == "used")
            world.Cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!["storage"] = JsonNode.Parse("""{"pvc":{"claim":"images"}}"""));
        TimeSpan? hold = obstacle == "held" ? TimeSpan.FromDays(7) : null;
        var failure = await Assert.ThrowsAsync<ClusterException>(() => world.RemoveAsync(hold));
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.NotNull(world.Cluster.Peek(ResourceTypes.Claims, Namespace, Claim));
        Finalize(world);
        if (!forcible)
        {
            await Assert.ThrowsAsync<ClusterException>(() => world.RemoveAsync(hold, force: true));
            Assert.NotNull(world.Cluster.Peek(ResourceTypes.Claims, Namespace, Claim));
            return;
        }

        var forced = await world.RemoveAsync(hold, force: true);
        Assert.Contains(expected, forced.Forced, StringComparison.Ordinal);
        Assert.Null(world.Cluster.Peek(ResourceTypes.Claims, Namespace, Claim));
    }

    [Fact]
    public async Task Deletes_exactly_that_claim_and_keeps_its_manifest()
    {
        await using var world = await ProvenAsync();
        Finalize(world);
        var step = await world.RemoveAsync();
        var manifest = step.Before!["manifest"]!;
        Assert.Equal("100Gi", (string?)manifest["spec"]!["resources"]!["requests"]!["storage"]);
        Assert.Equal("PersistentVolumeClaim", (string?)manifest["kind"]);
        Assert.Null(manifest["metadata"]!["uid"]);
        Assert.Null(manifest["metadata"]!["managedFields"]);
        Assert.Null(manifest["status"]);
        Assert.Contains("pv-1", step.NoReturn, StringComparison.Ordinal);
        Assert.False((await world.ReadAsync()).IsUndoLossless);
        var failure = await Assert.ThrowsAsync<ClusterException>(() => world.UndoAsync(force: true));
        Assert.Contains("was deleted", failure.Message, StringComparison.Ordinal);
        Assert.Equal("swift", world.Config.Section("spec", "storage")!.Last().Key);
    }

    [Fact]
    public async Task A_new_claim_and_a_copy_back_make_the_way_back_possible()
    {
        await using var world = await ProvenAsync();
        Finalize(world);
        var step = await world.RemoveAsync();
        world.Cluster.Put(ResourceTypes.Claims, Namespace, Claim, step.Before!["manifest"]!.AsObject());
        world.Cluster.Edit(ResourceTypes.Claims, Namespace, Claim, claim => claim["status"] = JsonNode.Parse("""{"phase":"Bound"}"""));
        Assert.False((await world.ReadAsync()).IsUndoLossless);
        await world.PassAsync(Container, Volume, copied: 12);
        Assert.True((await world.ReadAsync()).IsUndoLossless);
        await world.UndoAsync();
        Assert.Equal(Claim, world.Config.Text("spec", "storage", "pvc", "claim"));
    }

    [Fact]
    public async Task A_removal_that_was_cut_behind_the_deletion_never_leads_back_to_an_empty_claim()
    {
        await using var world = await ProvenAsync();
        await world.AllowAsync();
        using var kill = new CancellationTokenSource();
        var works = world.Cluster.After!;
        world.Cluster.After = async request =>
        {
            await works(request);
            if (request is not { Verb: "delete" } || request.Type != ResourceTypes.Claims)
                return;
            world.Cluster.Take(ResourceTypes.Claims, Namespace, Claim);
            await kill.CancelAsync();
            kill.Token.ThrowIfCancellationRequested();
        };
        await using (var run = await world.OpenAsync())
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.RunAsync(new RemoveVolumeStep(StepActions.RemoveVolume, run.Info, TimeSpan.Zero, false, world.Work), kill.Token));
        Assert.Contains("may have been deleted", (await world.ReadAsync()).NoReturn, StringComparison.Ordinal);

        // Somebody copies back to where the volume was mounted once.
        await world.BlockAsync();
        await world.PassAsync(Container, Volume, copied: 12);
        var failure = await Assert.ThrowsAsync<ClusterException>(() => world.UndoAsync());
        Assert.Contains("was deleted", failure.Message, StringComparison.Ordinal);
        Assert.False((await world.ReadAsync()).IsUndoLossless);

        MakeAnew(TimeProvider.System.GetUtcNow().AddHours(1));
        failure = await Assert.ThrowsAsync<ClusterException>(() => world.UndoAsync(force: true));
        Assert.Contains("nothing was copied back into it", failure.Message, StringComparison.Ordinal);
        Assert.Equal("swift", world.Config.Section("spec", "storage")!.Last().Key);

        MakeAnew(TimeProvider.System.GetUtcNow().AddSeconds(-1));
        await world.BlockAsync();
        await world.PassAsync(Container, Volume, copied: 12);
        Assert.True((await world.ReadAsync()).IsUndoLossless);
        await world.UndoAsync();
        Assert.Equal(Claim, world.Config.Text("spec", "storage", "pvc", "claim"));
        Assert.Null(world.Config.At("spec", "readOnly"));

        void MakeAnew(DateTimeOffset at) => world.Cluster.Put(ResourceTypes.Claims, Namespace, Claim,
            FormattableString.Invariant($$"""{"metadata":{"creationTimestamp":"{{at:yyyy-MM-ddTHH:mm:ssZ}}"},"spec":{"accessModes":["ReadWriteOnce"]},"status":{"phase":"Bound"} }"""));
    }

    [Fact]
    public async Task Another_claim_of_that_name_is_left_alone()
    {
        await using var world = await ProvenAsync();
        world.Cluster.Before = request =>
        {
            if (request is { Verb: "delete" } && request.Type == ResourceTypes.Claims)
            {
                world.Cluster.Before = null;
                world.Cluster.Take(ResourceTypes.Claims, Namespace, Claim);
                world.Cluster.Put(ResourceTypes.Claims, Namespace, Claim, """{"spec":{"volumeName":"pv-2"}}""");
            }

            return Task.CompletedTask;
        };
        var failure = await Assert.ThrowsAsync<ClusterException>(() => world.RemoveAsync());
        Assert.Equal(ClusterErrorKind.Conflict, failure.Kind);
        Assert.Equal("pv-2", world.Cluster.Peek(ResourceTypes.Claims, Namespace, Claim)!.Text("spec", "volumeName"));
    }

    [Fact]
    public async Task A_claim_that_does_not_go_is_told()
    {
        await using var world = await ProvenAsync();
        world.Timeout = TimeSpan.FromMilliseconds(20);
        var failure = await Assert.ThrowsAsync<ClusterException>(() => world.RemoveAsync());
        Assert.Equal(ClusterErrorKind.TimedOut, failure.Kind);
        world.Cluster.Take(ResourceTypes.Claims, Namespace, Claim);
        Assert.Equal(MigrationStepState.Done, (await world.RemoveAsync()).State);
    }

    [Fact]
    public async Task Confirming_hands_the_storage_over_and_its_undo_takes_it_back()
    {
        await using var world = await CreateAsync();
        await world.PrepareAsync();
        await world.SwitchAsync();
        await Assert.ThrowsAsync<ClusterException>(() => ConfirmAsync(world));
        await world.PullAsync();
        await ConfirmAsync(world);
        Assert.Equal("""{"managementState":"Managed","swift":{"container":"lab-x7-images"}}""", world.Config.At("spec", "storage")!.ToJsonString());
        await world.UndoAsync();
        Assert.Equal(Claim, world.Config.Text("spec", "storage", "pvc", "claim"));
    }

    [Fact]
    public async Task Confirming_hands_over_only_what_was_proven()
    {
        await using var world = await ProvenAsync();
        const string theirs = """{"managementState":"Unmanaged","s3":{"bucket":"theirs"}}""";
        world.Cluster.Edit(OpenShiftTypes.Configs, null, ImageRegistryNames.Config, config => config["spec"]!["storage"] = JsonNode.Parse(theirs));
        world.Reconcile();
        var failure = await Assert.ThrowsAsync<ClusterException>(() => ConfirmAsync(world));
        Assert.Contains("Nothing is handed over", failure.Message, StringComparison.Ordinal);
        Assert.Equal(theirs, world.Config.At("spec", "storage")!.ToJsonString());
    }

    private static Task<MigrationStep> ConfirmAsync(StepWorld world) => world.RunAsync(info => new ConfirmBackendStep(StepActions.ConfirmBackend, info, world.Work));

    private static async Task<StepWorld> ProvenAsync()
    {
        var world = await CreateAsync();
        await world.PrepareAsync();
        await world.SwitchAsync();
        await world.PullAsync();
        return world;
    }

    // What the protection controller does when nothing uses a claim.
    private static void Finalize(StepWorld world)
    {
        var works = world.Cluster.After!;
        world.Cluster.After = async request =>
        {
            await works(request);
            if (request is { Verb: "delete" } && request.Type == ResourceTypes.Claims)
                world.Cluster.Take(ResourceTypes.Claims, Namespace, Claim);
        };
    }
}
