using System.Text.Json.Nodes;
using RegistryMigration.Clusters.InCluster;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.InCluster;

/// <summary>The way back: from a store into a claim that no registry uses.</summary>
public class ToClaimTests
{
    private readonly SyncSpace _space = new(held: false);

    public ToClaimTests() => Annotate("""{"openshift.io/sa.scc.uid-range":"1000330000/10000","openshift.io/sa.scc.supplemental-groups":"1000340000/10000","openshift.io/sa.scc.mcs":"s0:c18,c17"}""");

    private static SyncJobRequest Request => SyncSpace.Request() with { Direction = SyncDirection.ToClaim };

    [Fact]
    public async Task The_claim_is_written_and_the_store_is_the_source()
    {
        await _space.StartAsync(Request with { ClaimPath = "/data/" });
        var pod = Pod("copy-all");
        AssertJson("""{"name":"registry","persistentVolumeClaim":{"claimName":"registry-storage","readOnly":false}}""", pod.Items("volumes").First());
        var container = new Resource(pod.Items("containers").Single().AsObject());
        AssertJson("""{"name":"registry","mountPath":"/registry","readOnly":false}""", container.Items("volumeMounts").First());
        Assert.All(container.Items("volumeMounts").Skip(1), mount => Assert.True((bool)mount["readOnly"]!));
        var variables = container.Items("env").ToDictionary(variable => (string)variable["name"]!, variable => (string)variable["value"]!);
        Assert.Equal("/registry/data", variables["REGISTRYMIGRATION_DESTINATION"]);
        Assert.Equal("swift://images-new", variables["REGISTRYMIGRATION_SOURCE"]);
        Assert.Equal("/var/run/registry-migration/own/password", variables["REGISTRYMIGRATION_SOURCE_PASSWORD_FILE"]);
        Assert.DoesNotContain(variables.Keys, name => name.StartsWith("REGISTRYMIGRATION_DESTINATION_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_of_a_given_Secret_is_the_sources()
    {
        _space.Cluster.Put(ResourceTypes.Secrets, SyncSpace.Namespace, "keys", """{"data":{"aws_access_key_id":"eA==","aws_secret_access_key":"eQ=="}}""");
        await _space.StartAsync(Request with { Store = new RegistryStore("s3://bucket") { S3 = new S3Options { Endpoint = new Uri("https://s3.test") } }, CredentialSecret = "keys" });
        var last = new Resource(Pod("copy-all").Items("containers").Single().AsObject()).Items("env").Last();
        AssertJson("""{"name":"REGISTRYMIGRATION_SOURCE_ACCESS_KEY","valueFrom":{"secretKeyRef":{"name":"keys","key":"aws_access_key_id"}}}""", last);
    }

    [Fact]
    public async Task Files_get_the_user_group_and_label_that_the_namespaces_pods_have()
    {
        var plan = await _space.PlanAsync(Request);
        AssertJson("""
            {"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"},"runAsUser":1000330000,"fsGroup":1000340000,"fsGroupChangePolicy":"OnRootMismatch","seLinuxOptions":{"level":"s0:c18,c17"}}
            """, new Resource(plan.Pieces.Jobs[0]).At("spec", "template", "spec", "securityContext"));
        Assert.Contains(plan.Warnings, warning => warning.Contains("user 1000330000 and group 1000340000", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"openshift.io/sa.scc.uid-range":"1000330000-1000339999"}""", 1000330000, 1000330000)]
    [InlineData("""{"openshift.io/sa.scc.uid-range":"5/10","openshift.io/sa.scc.supplemental-groups":"7/3,20/3"}""", 5, 7)]
    public async Task Ranges_are_read_as_OpenShift_writes_them(string annotations, long user, long group)
    {
        Annotate(annotations);
        var job = new Resource((await _space.PlanAsync(Request)).Pieces.Jobs[0]);
        Assert.Equal(user, job.Number("spec", "template", "spec", "securityContext", "runAsUser"));
        Assert.Equal(group, job.Number("spec", "template", "spec", "securityContext", "fsGroup"));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"openshift.io/sa.scc.uid-range":"0/10"}""")]
    [InlineData("""{"openshift.io/sa.scc.uid-range":"many"}""")]
    public async Task Without_a_user_it_is_refused_and_what_is_given_wins(string annotations)
    {
        Annotate(annotations);
        var refused = await RefusedAsync(Request);
        Assert.Equal(ClusterErrorKind.Precondition, refused.Kind);
        Assert.Contains("-RunAsUser and -FSGroup", refused.Message, StringComparison.Ordinal);
        var plan = await _space.PlanAsync(Request with { Identity = new PodIdentity { RunAsUser = 7, FSGroup = 8, SupplementalGroups = [9] } });
        AssertJson("""
            {"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"},"runAsUser":7,"fsGroup":8,"fsGroupChangePolicy":"OnRootMismatch","supplementalGroups":[9]}
            """, new Resource(plan.Pieces.Jobs[0]).At("spec", "template", "spec", "securityContext"));
    }

    [Theory]
    [InlineData("Running", "worker-1")]
    [InlineData("Pending", null)]
    public async Task A_pod_that_may_write_is_refused_also_before_it_runs(string phase, string? node)
    {
        PutPod(phase, node, readOnlyVolume: false, readOnlyMount: false);
        var refused = await RefusedAsync(Request);
        Assert.Equal(ClusterErrorKind.Precondition, refused.Kind);
        Assert.Contains("image-registry-abc", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Switch it", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_space.Cluster.Changes);
    }

    [Theory]
    [InlineData("ReadWriteOnce", true, false, "worker-1")]
    [InlineData("ReadWriteOnce", false, true, "worker-1")]
    [InlineData("ReadWriteMany", true, true, null)]
    public async Task A_pod_that_only_reads_is_not_in_the_way_and_keeps_the_volume_at_its_node(string mode, bool readOnlyVolume, bool readOnlyMount, string? node)
    {
        PutClaim(mode);
        PutPod("Running", "worker-1", readOnlyVolume, readOnlyMount);
        var affinity = new Resource((await _space.PlanAsync(Request)).Pieces.Jobs[0]).At("spec", "template", "spec", "affinity");
        Assert.Equal(node, (string?)affinity?["nodeAffinity"]!["requiredDuringSchedulingIgnoredDuringExecution"]!["nodeSelectorTerms"]![0]!["matchFields"]![0]!["values"]![0]);
    }

    [Fact]
    public async Task A_pod_that_has_ended_is_not_in_the_way()
    {
        PutPod("Succeeded", "worker-1", readOnlyVolume: false, readOnlyMount: false);
        Assert.NotNull(await _space.PlanAsync(Request));
    }

    [Fact]
    public async Task Links_are_not_begun_when_the_registry_has_come_back_meanwhile()
    {
        await _space.StartAsync(Request with { Shards = 2, Parallelism = 2 });
        _space.Succeed("copy-blobs", 0, SyncSpace.Result(1));
        _space.Succeed("copy-blobs", 1, SyncSpace.Result(1));
        _space.End("copy-blobs");
        PutPod("Running", "worker-1", readOnlyVolume: false, readOnlyMount: false);
        var wait = () => new SyncWait(_space.Cluster, _space.Time).WaitAsync(SyncSpace.Namespace, "copy", TestContext.Current.CancellationToken);
        var refused = await Assert.ThrowsAsync<ClusterException>(wait);
        Assert.Contains("image-registry-abc", refused.Message, StringComparison.Ordinal);
        Assert.Null(_space.Cluster.Peek(ResourceTypes.Jobs, SyncSpace.Namespace, "copy-links"));
        Assert.Equal(RegistrySyncStatus.BlobsCopied, (await _space.GetAsync()).Status);
    }

    [Fact]
    public async Task Parts_on_a_claim_for_one_node_keep_together_in_both_phases()
    {
        const string together = """{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"labelSelector":{"matchLabels":{"registry-migration/sync":"copy"}},"topologyKey":"kubernetes.io/hostname"}]}}""";
        var plan = await _space.PlanAsync(Request with { Shards = 2, Parallelism = 2 });
        AssertJson(together, new Resource(plan.Pieces.Jobs[0]).At("spec", "template", "spec", "affinity"));
        AssertJson(together, new Resource(plan.Pieces.Record.NextJobs[0]).At("spec", "template", "spec", "affinity"));
        PutClaim("ReadWriteMany");
        Assert.Null(new Resource((await _space.PlanAsync(Request)).Pieces.Jobs[0]).At("spec", "template", "spec", "affinity"));
    }

    [Fact]
    public async Task A_claim_for_one_pod_takes_one_part_at_a_time()
    {
        PutClaim("ReadWriteOncePod");
        Assert.Contains("-Parallelism 1", (await RefusedAsync(Request with { Shards = 3, Parallelism = 3 })).Message, StringComparison.Ordinal);
        Assert.NotNull(await _space.PlanAsync(Request with { Shards = 3, Parallelism = 1 }));
    }

    [Fact]
    public async Task A_new_claim_may_wait_for_the_copys_pod_and_others_are_refused()
    {
        PutClaim("ReadWriteOnce", "Pending");
        Assert.NotNull(await _space.PlanAsync(Request));
        PutClaim("ReadWriteOnce", "Lost");
        Assert.Contains("no volume to write", (await RefusedAsync(Request)).Message, StringComparison.Ordinal);
        PutClaim("ReadOnlyMany");
        Assert.Contains("nobody can write", (await RefusedAsync(Request)).Message, StringComparison.Ordinal);
        Assert.Contains("made anew", (await RefusedAsync(Request with { Claim = "gone" })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SyncDirection.ToClaim, SyncDirection.ToClaim, true)]
    [InlineData(SyncDirection.ToClaim, SyncDirection.FromClaim, true)]
    [InlineData(SyncDirection.FromClaim, SyncDirection.ToClaim, true)]
    [InlineData(SyncDirection.FromClaim, SyncDirection.FromClaim, false)]
    public async Task Who_writes_a_claim_is_alone_with_it(SyncDirection first, SyncDirection second, bool refused)
    {
        await _space.StartAsync(Request with { Direction = first });
        var other = Request with { Direction = second, Name = "second", Store = new RegistryStore("swift://elsewhere") { Swift = SyncSpace.Swift.Swift } };
        if (refused)
            Assert.Contains("Wait-RegistrySync copy", (await RefusedAsync(other)).Message, StringComparison.Ordinal);
        else
            Assert.NotNull(await _space.PlanAsync(other));
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData("data", "/data/", true)]
    [InlineData(null, "data", false)]
    public async Task There_and_back_are_each_others_reverse_however_they_are_found_again(string? path, string? pathBack, bool match)
    {
        var there = await CopyAsync("there", SyncDirection.FromClaim, path);
        var back = await CopyAsync("back", SyncDirection.ToClaim, pathBack);
        Assert.Equal("swift://images-new", back.Source.ToString());
        Assert.Equal(there.Destination.ToString(), back.Source.ToString());
        Assert.Equal(match, there.Source.ToString() == back.Destination.ToString());
        Assert.Equal(path is null ? "/pvc/images/registry-storage" : "/pvc/images/registry-storage/data", there.Source.ToString());
    }

    [Fact]
    public async Task A_pass_began_when_it_was_asked_for_whatever_the_nodes_clock_says()
    {
        await _space.StartAsync(Request);
        var asked = (await _space.GetAsync()).StartedAt;
        _space.Succeed("copy-all", 0, SyncSpace.Result(1) with { StartedAt = asked + TimeSpan.FromHours(1) });
        _space.End("copy-all");
        Assert.Equal(asked, (await _space.ReceiveAsync()).StartedAt);
    }

    private async Task<SyncResult> CopyAsync(string name, SyncDirection direction, string? path)
    {
        await _space.StartAsync(Request with { Name = name, Direction = direction, ClaimPath = path });
        Assert.Equal(direction, (await _space.GetAsync(name)).Direction);
        _space.Succeed($"{name}-all", 0, SyncSpace.Result(1));
        _space.End($"{name}-all");
        return await _space.ReceiveAsync(name);
    }

    private void Annotate(string annotations) => _space.Cluster.Put(ResourceTypes.Namespaces, null, SyncSpace.Namespace, $$$"""{"metadata":{"annotations":{{{annotations}}}}}""");

    private void PutClaim(string mode, string phase = "Bound") =>
        _space.Cluster.Put(ResourceTypes.Claims, SyncSpace.Namespace, SyncSpace.Claim, $$$"""{"spec":{"accessModes":["{{{mode}}}"]},"status":{"phase":"{{{phase}}}"}}""");

    private void PutPod(string phase, string? node, bool readOnlyVolume, bool readOnlyMount) => _space.Cluster.Put(ResourceTypes.Pods, SyncSpace.Namespace, "image-registry-abc", new JsonObject
    {
        ["spec"] = new JsonObject
        {
            ["nodeName"] = node,
            ["containers"] = new JsonArray(new JsonObject { ["name"] = "registry", ["volumeMounts"] = new JsonArray(new JsonObject { ["name"] = "storage", ["mountPath"] = "/registry", ["readOnly"] = readOnlyMount }) }),
            ["volumes"] = new JsonArray(new JsonObject { ["name"] = "storage", ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = SyncSpace.Claim, ["readOnly"] = readOnlyVolume } }),
        },
        ["status"] = new JsonObject { ["phase"] = phase },
    });

    private Resource Pod(string job) => new(_space.Job(job).Section("spec", "template", "spec")!);

    private Task<ClusterException> RefusedAsync(SyncJobRequest request) => Assert.ThrowsAsync<ClusterException>(() => _space.PlanAsync(request));

    private static void AssertJson(string expected, JsonNode? actual) => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"Expected {expected}\nbut it is {actual?.ToJsonString()}");
}
