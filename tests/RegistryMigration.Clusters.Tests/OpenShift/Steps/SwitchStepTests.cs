using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.OpenShift.Steps;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Model;
using static RegistryMigration.Clusters.Tests.OpenShift.Steps.StepWorld;

namespace RegistryMigration.Clusters.Tests.OpenShift.Steps;

public sealed class SwitchStepTests
{
    [Theory]
    [InlineData("\"rolloutStrategy\":\"Recreate\"")]
    [InlineData("\"rolloutStrategy\":\"Recreate\",\"readOnly\":false,\"logLevel\":\"Debug\"")]
    public async Task Switches_in_one_guarded_patch_and_the_undo_is_exact(string spec)
    {
        await using var world = await CreateAsync(spec);
        var before = world.Spec;
        await world.PrepareAsync();
        var sent = world.Cluster.Requests.Count;
        var step = await world.SwitchAsync();
        Assert.Null(step.Forced);
        Assert.Contains("REGISTRY_STORAGE=swift", step.Proof, StringComparison.Ordinal);
        var patches = world.Cluster.Requests.Skip(sent).Where(request => request.Verb == "patch").ToList();
        Assert.Equal([true, false], patches.Select(patch => patch.DryRun));
        var operations = patches[1].Body!.AsArray().Select(operation => $"{operation!["op"]} {operation["path"]}").ToList();
        Assert.Equal("test /metadata/resourceVersion", operations[0]);
        Assert.Equal(["add /spec/replicas", "add /spec/rolloutStrategy", "add /spec/storage"], operations.Skip(1).Order());
        Assert.Equal("""{"managementState":"Unmanaged","swift":{"container":"lab-x7-images"}}""", world.Config.At("spec", "storage")!.ToJsonString());
        Assert.Equal(2, world.Config.Number("spec", "replicas"));
        Assert.True(world.Config.Flag("spec", "readOnly"));

        var undone = await world.UndoAsync();
        Assert.Equal([StepActions.SwitchBackend, StepActions.BlockWrites, StepActions.SuspendPruner], undone.Select(step => step.Action));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(before), JsonNode.Parse(world.Spec)), $"{before} became {world.Spec}");
    }

    [Fact]
    public async Task An_absent_strategy_is_absent_again()
    {
        await using var world = await CreateAsync("");
        world.Cluster.Edit(ResourceTypes.Claims, StepWorld.Namespace, Claim, claim => claim["spec"]!["accessModes"] = new JsonArray("ReadWriteMany"));
        await world.PrepareAsync();
        await world.SwitchAsync();
        Assert.Equal("RollingUpdate", world.Config.Text("spec", "rolloutStrategy"));
        await world.UndoAsync();
        Assert.False(world.Config.Section("spec")!.ContainsKey("rolloutStrategy"));
        Assert.False(world.Config.Section("spec")!.ContainsKey("readOnly"));
    }

    public static TheoryData<string, string> Gaps => new()
    {
        { "nothing", "Set-RegistryReadOnly" },
        { "no pass", "no pass to swift://lab-x7-images began after writes were blocked" },
        { "early pass", "no pass to swift://lab-x7-images began after writes were blocked" },
        { "copied", "still copied 3 entries" },
        { "deferred", "left 2 links" },
        { "failed", "4 entries failed" },
        { "partial pass", "a part of the source only" },
        { "other destination", "no pass to swift://lab-x7-images" },
        { "no audit", "no audit of swift://lab-x7-images" },
        { "defects", "found 7 defects" },
        { "partial audit", "looked at a part only" },
        { "allowed again", "Set-RegistryReadOnly" },
        { "open", "not read-only now" },
    };

    [Theory, MemberData(nameof(Gaps))]
    public async Task Refuses_while_something_is_not_proven_and_forcing_is_recorded(string gap, string expected)
    {
        await using var world = await CreateAsync();
        await MakeAsync(world, gap);
        var (before, steps) = (world.Spec, (await world.ReadAsync()).Steps.Count);
        var failure = await Assert.ThrowsAsync<ClusterException>(() => world.SwitchAsync());
        Assert.Equal(ClusterErrorKind.Precondition, failure.Kind);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.Equal(before, world.Spec);
        Assert.Equal(steps, (await world.ReadAsync()).Steps.Count);

        var forced = await world.SwitchAsync(new SwitchRequest { Force = true });
        Assert.Contains(expected, forced.Forced, StringComparison.Ordinal);
        Assert.Equal("swift", Assert.Single(world.Config.Section("spec", "storage")!, pair => pair.Key != "managementState").Key);
    }

    [Theory]
    [InlineData("REGISTRY_STORAGE_S3_ACCESSKEY", "Set-ImageRegistryCredential")]
    [InlineData(null, "has no credentials for Swift")]
    public async Task Refuses_where_the_operator_would_have_no_credentials_even_when_forced(string? key, string expected)
    {
        await using var world = await CreateAsync();
        await world.PrepareAsync();
        world.Cluster.Take(ResourceTypes.Secrets, StepWorld.Namespace, ImageRegistryNames.CloudSecret);
        if (key is not null)
            world.Cluster.Put(ResourceTypes.Secrets, StepWorld.Namespace, ImageRegistryNames.UserSecret, $$"""{"data":{"{{key}}":""} }""");
        var failure = await Assert.ThrowsAsync<ClusterException>(() => world.SwitchAsync(new SwitchRequest { Force = true }));
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_node_gets_one_replica_and_two_are_refused()
    {
        await using var world = await CreateAsync();
        world.AddNode("worker-b", """{"unschedulable":true}""");
        world.AddNode("master", """{"taints":[{"key":"node-role.kubernetes.io/master","effect":"NoSchedule"}]}""");
        await world.PrepareAsync();
        var failure = await Assert.ThrowsAsync<ClusterException>(() => world.SwitchAsync(new SwitchRequest { Replicas = 2 }));
        Assert.Contains("only worker-a", failure.Message, StringComparison.Ordinal);
        await world.SwitchAsync();
        Assert.Equal(1, world.Config.Number("spec", "replicas"));
        Assert.Equal("RollingUpdate", world.Config.Text("spec", "rolloutStrategy"));
    }

    [Fact]
    public async Task Back_to_a_claim_takes_one_replica_and_recreates()
    {
        await using var world = await CreateAsync("\"rolloutStrategy\":\"RollingUpdate\"", """{"managementState":"Unmanaged","swift":{"container":"lab-x7-images"}}""");
        await world.BlockAsync();
        await world.PassAsync(Container, Volume);
        await world.AuditAsync(Volume);
        var target = BackendTarget.OfClaim(Claim);
        await Assert.ThrowsAsync<ClusterException>(() => world.SwitchAsync(new SwitchRequest { Replicas = 2 }, target));
        await world.SwitchAsync(null, target);
        Assert.Equal("Recreate", world.Config.Text("spec", "rolloutStrategy"));
        Assert.Equal(1, world.Config.Number("spec", "replicas"));
        Assert.Equal(Claim, world.Config.Text("spec", "storage", "pvc", "claim"));
        await world.UndoAsync();
        Assert.Equal("lab-x7-images", world.Config.Text("spec", "storage", "swift", "container"));
    }

    [Theory]
    [InlineData(Container, "/pvc/openshift-image-registry/images", true)]
    [InlineData(Container, "/pvc/openshift-image-registry/other", false)]
    [InlineData(Container, "/pvc/elsewhere/images", false)]
    [InlineData(Volume, "swift://another", false)]
    public async Task A_claim_is_switched_to_only_when_it_is_what_was_filled(string from, string to, bool filled)
    {
        await using var world = await CreateAsync("\"rolloutStrategy\":\"RollingUpdate\"", """{"managementState":"Unmanaged","swift":{"container":"lab-x7-images"}}""");
        await world.BlockAsync();
        await world.PassAsync(from, to);
        await world.AuditAsync(to);
        if (filled)
            Assert.Equal(MigrationStepState.Done, (await world.SwitchAsync(null, BackendTarget.OfClaim(Claim))).State);
        else
            Assert.Contains("no pass to", (await Assert.ThrowsAsync<ClusterException>(() => world.SwitchAsync(null, BackendTarget.OfClaim(Claim)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_claim_that_is_not_bound_is_refused()
    {
        await using var world = await CreateAsync("", """{"managementState":"Unmanaged","swift":{"container":"lab-x7-images"}}""");
        var failure = await Assert.ThrowsAsync<ClusterException>(() => world.SwitchAsync(new SwitchRequest { Force = true }, BackendTarget.OfClaim("other")));
        Assert.Contains("claim other", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"managementState":"Unmanaged","s3":{"bucket":"theirs"}}""", "Somebody has changed the storage")]
    [InlineData(null, "changed readOnly")]
    public async Task What_others_changed_between_the_proof_and_the_patch_stops_it(string? storage, string expected)
    {
        await using var world = await CreateAsync();
        await world.PrepareAsync();
        world.Cluster.Before = request =>
        {
            if (request is { Verb: "patch", DryRun: false })
            {
                world.Cluster.Before = null;
                world.Cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config =>
                {
                    if (storage is not null)
                        config["spec"]!["storage"] = JsonNode.Parse(storage);
                    else
                        config["spec"]!["readOnly"] = false;
                });
            }

            return Task.CompletedTask;
        };
        var failure = await Assert.ThrowsAsync<ClusterException>(() => world.SwitchAsync());
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.NotEqual("swift", world.Config.Section("spec", "storage")!.Last().Key);
        Assert.Equal(storage is null ? "pvc" : "s3", world.Config.Section("spec", "storage")!.Last().Key);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_switch_cut_before_or_behind_its_patch_goes_on_and_is_undone(bool behind)
    {
        foreach (var resume in new[] { false, true })
        {
            await using var world = await CreateAsync();
            var before = world.Spec;
            await world.PrepareAsync();
            using var kill = new CancellationTokenSource();
            var operatorWorks = world.Cluster.After!;
            if (behind)
                world.Cluster.After = async request => { await operatorWorks(request); Kill(request); };
            else
                world.Cluster.Before = request => { Kill(request); return Task.CompletedTask; };
            await using (var run = await world.OpenAsync())
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.RunAsync(world.Switch(run.Info), kill.Token));
            (world.Cluster.Before, world.Cluster.After) = (null, operatorWorks);
            Assert.Equal(behind ? "swift" : "pvc", world.Config.Section("spec", "storage")!.Last().Key);
            if (resume)
            {
                Assert.Equal(MigrationStepState.Done, (await world.SwitchAsync()).State);
                Assert.Equal("swift", world.Config.Section("spec", "storage")!.Last().Key);
            }

            await world.UndoAsync();
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(before), JsonNode.Parse(world.Spec)), $"{before} became {world.Spec}");

            void Kill(FakeRequest request)
            {
                if (request is not { Verb: "patch", DryRun: false })
                    return;
                kill.Cancel();
                kill.Token.ThrowIfCancellationRequested();
            }
        }
    }

    [Fact]
    public async Task A_new_storage_that_does_not_work_fails_in_time_and_is_undone()
    {
        await using var world = await CreateAsync();
        await world.PrepareAsync();
        world.OperatorWorks = false;
        world.Timeout = TimeSpan.FromMilliseconds(300);
        var failure = await Assert.ThrowsAsync<ClusterException>(() => world.SwitchAsync());
        Assert.Equal(ClusterErrorKind.TimedOut, failure.Kind);
        Assert.Equal(MigrationStepState.Failed, (await world.ReadAsync()).Steps[^1].State);
        world.OperatorWorks = true;
        world.Timeout = TimeSpan.FromSeconds(20);
        await world.UndoAsync();
        Assert.Equal(Claim, world.Config.Text("spec", "storage", "pvc", "claim"));
        Assert.Null(world.Config.At("spec", "readOnly"));
    }

    [Fact]
    public async Task A_half_rolled_out_switch_is_scaled_before_its_strategy_is_changed_back()
    {
        await using var world = await CreateAsync();
        await world.PrepareAsync();
        await world.SwitchAsync();
        world.Cluster.Edit(ResourceTypes.Deployments, StepWorld.Namespace, ImageRegistryNames.Deployment, deployment => deployment["status"]!["availableReplicas"] = 1);
        var sent = world.Cluster.Requests.Count;
        await world.UndoAsync();
        var patches = world.Cluster.Requests.Skip(sent).Where(request => request is { Verb: "patch", DryRun: false } && request.Type == OpenShiftTypes.Configs)
            .Select(request => string.Join(",", request.Body!.AsArray().Skip(1).Select(operation => (string)operation!["path"]!).Order())).ToList();
        Assert.Equal(["/spec/replicas", "/spec/rolloutStrategy,/spec/storage", "/spec/readOnly"], patches);
    }

    [Fact]
    public async Task The_undo_leaves_alone_what_somebody_else_has_configured_since()
    {
        await using var world = await CreateAsync();
        await world.PrepareAsync();
        await world.SwitchAsync();
        world.Cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!["storage"] = JsonNode.Parse("""{"s3":{"bucket":"theirs"}}"""));
        var failure = await Assert.ThrowsAsync<ClusterException>(() => world.UndoAsync());
        Assert.Contains("Somebody else has changed it", failure.Message, StringComparison.Ordinal);
        Assert.Equal("theirs", world.Config.Text("spec", "storage", "s3", "bucket"));
    }

    [Fact]
    public async Task The_undo_refuses_while_writes_reach_the_new_storage_behind_the_migrations_back()
    {
        await using var world = await CreateAsync();
        await world.PrepareAsync();
        await world.SwitchAsync();
        world.Cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!["readOnly"] = false);
        world.Reconcile();
        var failure = await Assert.ThrowsAsync<ClusterException>(() => world.UndoAsync());
        Assert.Contains("takes writes", failure.Message, StringComparison.Ordinal);
        Assert.Equal("swift", world.Config.Section("spec", "storage")!.Last().Key);
    }

    private static async Task MakeAsync(StepWorld world, string gap)
    {
        if (gap == "nothing")
            return;
        if (gap == "early pass")
            await world.PassAsync(ago: TimeSpan.FromMinutes(1));
        await world.BlockAsync();
        if (gap == "allowed again")
            await world.AllowAsync();
        if (gap is "no pass" or "early pass")
            return;
        await world.PassAsync(to: gap == "other destination" ? "swift://elsewhere" : Container, copied: gap == "copied" ? 3 : 0, deferred: gap == "deferred" ? 2 : 0, failed: gap == "failed" ? 4 : 0, partial: gap == "partial pass");
        if (gap != "no audit")
            await world.AuditAsync(defects: gap == "defects" ? 7 : 0, partial: gap == "partial audit");
        if (gap == "open")
        {
            world.Cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!["readOnly"] = false);
            world.Reconcile();
        }
    }
}
