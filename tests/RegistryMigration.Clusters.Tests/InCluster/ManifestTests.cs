using System.Text.Json.Nodes;
using RegistryMigration.Clusters.InCluster;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.InCluster;

public class ManifestTests
{
    private readonly SyncSpace _space = new();

    [Fact]
    public async Task The_claim_is_read_only_twice_and_nothing_of_the_cluster_is_in_the_pod()
    {
        var pod = await PodSpecAsync(SyncSpace.Request());
        Assert.Equal("""{"name":"registry","persistentVolumeClaim":{"claimName":"registry-storage","readOnly":true}}""", pod.Items("volumes").First().ToJsonString());
        Assert.Equal("""{"name":"registry","mountPath":"/registry","readOnly":true}""", Container(pod).Items("volumeMounts").First().ToJsonString());
        Assert.All(Container(pod).Items("volumeMounts"), mount => Assert.True((bool)mount["readOnly"]!));
        Assert.False(pod.Flag("automountServiceAccountToken"));
        Assert.False(pod.Flag("enableServiceLinks"));
        Assert.Equal("Never", pod.Text("restartPolicy"));
        Assert.Null(pod.At("hostNetwork"));
        Assert.Null(pod.At("hostPID"));
    }

    [Fact]
    public async Task The_security_context_is_restricted_and_reads_as_the_registry_does()
    {
        var pod = await PodSpecAsync(SyncSpace.Request());
        AssertJson("""
            {"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"},"runAsUser":1000330000,"fsGroup":1000330000,"fsGroupChangePolicy":"OnRootMismatch",
             "supplementalGroups":[5],"seLinuxOptions":{"level":"s0:c18,c12"}}
            """, pod.At("securityContext"));
        AssertJson("""
            {"allowPrivilegeEscalation":false,"privileged":false,"readOnlyRootFilesystem":true,"runAsNonRoot":true,"capabilities":{"drop":["ALL"]}}
            """, Container(pod).At("securityContext"));
    }

    [Fact]
    public async Task A_registry_that_runs_as_root_does_not_make_the_copy_root()
    {
        _space.Cluster.Edit(ResourceTypes.Pods, SyncSpace.Namespace, "image-registry-abc", pod => pod["spec"]!["containers"]![1]!["securityContext"]!["runAsUser"] = 0);
        var pod = await PodSpecAsync(SyncSpace.Request());
        Assert.Null(pod.At("securityContext", "runAsUser"));
        Assert.True(pod.Flag("securityContext", "runAsNonRoot"));
    }

    [Fact]
    public async Task What_is_given_wins_over_what_the_registry_has()
    {
        var request = SyncSpace.Request() with
        {
            Identity = new PodIdentity { RunAsUser = 7, FSGroup = 8, SupplementalGroups = [9], RequiredScc = "restricted-v2", ServiceAccount = "registry-migration-worker" },
            Resources = new PodResources { CpuRequest = "1", CpuLimit = "2", MemoryRequest = "1Gi", MemoryLimit = "2Gi" },
            ImagePullSecret = "pull",
        };
        var template = (await StartedAsync(request)).Section("spec", "template")!;
        var pod = new Resource(template["spec"]!.AsObject());
        Assert.Equal(7, pod.Number("securityContext", "runAsUser"));
        Assert.Equal(8, pod.Number("securityContext", "fsGroup"));
        Assert.Equal("[9]", pod.At("securityContext", "supplementalGroups")!.ToJsonString());
        Assert.Equal("restricted-v2", (string?)template["metadata"]!["annotations"]!["openshift.io/required-scc"]);
        Assert.Equal("registry-migration-worker", pod.Text("serviceAccountName"));
        Assert.Equal("""[{"name":"pull"}]""", pod.At("imagePullSecrets")!.ToJsonString());
        AssertJson("""{"requests":{"cpu":"1","memory":"1Gi"},"limits":{"memory":"2Gi","cpu":"2"}}""", Container(pod).At("resources"));
    }

    [Fact]
    public async Task A_claim_for_one_node_keeps_the_pods_there_and_one_for_many_does_not()
    {
        var bound = await PodSpecAsync(SyncSpace.Request());
        AssertJson("""
            {"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchFields":[{"key":"metadata.name","operator":"In","values":["worker-1"]}]}]}}}
            """, bound.At("affinity"));
        AssertJson("""[{"key":"infra","operator":"Exists"}]""", bound.At("tolerations"));

        var shared = new SyncSpace("ReadWriteMany");
        await shared.StartAsync(SyncSpace.Request());
        Assert.Null(shared.Job("copy-all").At("spec", "template", "spec", "affinity"));
        Assert.Equal(1000330000, shared.Job("copy-all").Number("spec", "template", "spec", "securityContext", "fsGroup"));
    }

    [Fact]
    public async Task A_claim_that_nobody_uses_leaves_the_node_to_the_scheduler_and_says_so()
    {
        var space = new SyncSpace(held: false);
        var plan = await space.PlanAsync(SyncSpace.Request());
        Assert.Contains(plan.Warnings, warning => warning.Contains("scheduler", StringComparison.Ordinal));
        Assert.Null(new Resource(plan.Pieces.Jobs[0]).At("spec", "template", "spec", "affinity", "nodeAffinity"));
    }

    [Fact]
    public async Task Secrets_are_in_the_Secret_only()
    {
        await _space.StartAsync(SyncSpace.Request());
        var secret = _space.Cluster.Peek(ResourceTypes.Secrets, SyncSpace.Namespace, "copy-credentials")!;
        Assert.Equal(SyncSpace.Password, secret.Text("stringData", "password"));
        Assert.DoesNotContain(SyncSpace.Password, _space.Job("copy-all").Json.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(SyncSpace.Password, _space.Cluster.Peek(ResourceTypes.ConfigMaps, SyncSpace.Namespace, "copy")!.Json.ToJsonString(), StringComparison.Ordinal);
        var variables = Variables(_space.Job("copy-all"));
        Assert.Equal("/var/run/registry-migration/own/password", variables["REGISTRYMIGRATION_DESTINATION_PASSWORD_FILE"]);
        Assert.Equal("https://keystone.test:13000/v3", variables["REGISTRYMIGRATION_DESTINATION_AUTH_URL"]);
        Assert.Equal("mover", variables["REGISTRYMIGRATION_DESTINATION_USER_NAME"]);
        Assert.Equal("swift://images-new", variables["REGISTRYMIGRATION_DESTINATION"]);
    }

    [Fact]
    public async Task A_Secret_that_is_there_is_mounted_by_its_key_and_not_copied()
    {
        var clouds = Convert.ToBase64String("clouds: {openstack: {auth: {auth_url: 'https://10.1.2.3:5000/v3', password: x}}}"u8);
        _space.Cluster.Put(ResourceTypes.Secrets, SyncSpace.Namespace, "installer-cloud-credentials", $$$"""{"data":{"clouds.yaml":"{{{clouds}}}","other":"eA=="}}""");
        await _space.StartAsync(SyncSpace.Request(new RegistryStore("swift://images-new") { Swift = new SwiftOptions { Cloud = "openstack" } }) with { CredentialSecret = "installer-cloud-credentials" });
        Assert.Null(_space.Cluster.Peek(ResourceTypes.Secrets, SyncSpace.Namespace, "copy-credentials"));
        var volume = _space.Job("copy-all").Items("spec", "template", "spec", "volumes").Single(volume => volume["secret"] is not null);
        AssertJson("""{"name":"given-credentials","secret":{"secretName":"installer-cloud-credentials","defaultMode":292,"items":[{"key":"clouds.yaml","path":"clouds.yaml"}]}}""", volume);
        var variables = Variables(_space.Job("copy-all"));
        Assert.Equal("/var/run/registry-migration/given/clouds.yaml", variables["REGISTRYMIGRATION_DESTINATION_CLOUDS_FILE"]);
        Assert.Equal("openstack", variables["REGISTRYMIGRATION_DESTINATION_CLOUD"]);
        // Keystone's address was read from the file, for the policy.
        AssertJson("""{"to":[{"ipBlock":{"cidr":"10.1.2.3/32"}}],"ports":[{"protocol":"TCP","port":5000}]}""", Policy().Items("spec", "egress").Last());
    }

    [Fact]
    public async Task A_Secret_without_known_keys_is_refused_by_name()
    {
        _space.Cluster.Put(ResourceTypes.Secrets, SyncSpace.Namespace, "wrong", """{"data":{"username":"eA=="}}""");
        var refused = await Assert.ThrowsAsync<ClusterException>(() => _space.PlanAsync(SyncSpace.Request() with { CredentialSecret = "wrong" }));
        Assert.Equal(ClusterErrorKind.Precondition, refused.Kind);
        Assert.Contains("clouds.yaml", refused.Message, StringComparison.Ordinal);
        Assert.Contains("username", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_S3_key_pair_of_a_Secret_is_a_reference_and_a_file()
    {
        _space.Cluster.Put(ResourceTypes.Secrets, SyncSpace.Namespace, "keys", """{"data":{"REGISTRY_STORAGE_S3_ACCESSKEY":"eA==","REGISTRY_STORAGE_S3_SECRETKEY":"eQ=="}}""");
        await _space.StartAsync(SyncSpace.Request(new RegistryStore("s3://bucket/images") { S3 = new S3Options { Endpoint = new Uri("https://s3.test:9000"), RoleArn = "arn:aws:iam::1:role/mover" } }) with { CredentialSecret = "keys" });
        var container = Container(new Resource(_space.Job("copy-all").Section("spec", "template", "spec")!));
        AssertJson("""{"name":"REGISTRYMIGRATION_DESTINATION_ACCESS_KEY","valueFrom":{"secretKeyRef":{"name":"keys","key":"REGISTRY_STORAGE_S3_ACCESSKEY"}}}""", container.Items("env").Last());
        Assert.Equal("arn:aws:iam::1:role/mover", Variables(_space.Job("copy-all"))["REGISTRYMIGRATION_DESTINATION_ROLE_ARN"]);
        Assert.Equal("/var/run/registry-migration/given/REGISTRY_STORAGE_S3_SECRETKEY", Variables(_space.Job("copy-all"))["REGISTRYMIGRATION_DESTINATION_SECRET_KEY_FILE"]);
    }

    [Fact]
    public async Task The_policy_lets_pods_reach_names_and_the_destination_and_nobody_reach_them()
    {
        await _space.StartAsync(SyncSpace.Request() with { EgressPorts = [13808] });
        var policy = Policy();
        AssertJson("""{"matchLabels":{"registry-migration/sync":"copy"}}""", policy.At("spec", "podSelector"));
        AssertJson("""["Ingress","Egress"]""", policy.At("spec", "policyTypes"));
        AssertJson("[]", policy.At("spec", "ingress"));
        AssertJson("""
            [{"ports":[{"protocol":"UDP","port":53},{"protocol":"TCP","port":53},{"protocol":"UDP","port":5353},{"protocol":"TCP","port":5353}]},
             {"ports":[{"protocol":"TCP","port":443},{"protocol":"TCP","port":13000},{"protocol":"TCP","port":13808}]}]
            """, policy.At("spec", "egress"));
    }

    [Fact]
    public async Task No_label_is_one_that_the_registry_selects()
    {
        await _space.StartAsync(SyncSpace.Request() with { Shards = 2, Parallelism = 2 });
        var labels = _space.Job("copy-blobs").Section("spec", "template", "metadata", "labels")!;
        Assert.Equal(["app.kubernetes.io/managed-by", "app.kubernetes.io/name", "registry-migration/phase", "registry-migration/sync"], labels.Select(label => label.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Dollars_of_values_are_not_taken_for_variables()
    {
        await _space.StartAsync(SyncSpace.Request(new RegistryStore("s3://b/$(HOME)") { S3 = new S3Options { Endpoint = new Uri("https://s3.test"), AccessKey = "a", SecretKey = new Secret("s") } }));
        Assert.Equal("s3://b/$$(HOME)", Variables(_space.Job("copy-all"))["REGISTRYMIGRATION_DESTINATION"]);
    }

    private async Task<Resource> PodSpecAsync(SyncJobRequest request) => new((await StartedAsync(request)).Section("spec", "template", "spec")!);

    private async Task<Resource> StartedAsync(SyncJobRequest request)
    {
        await _space.StartAsync(request);
        return _space.Job("copy-all");
    }

    private Resource Policy() => _space.Cluster.Peek(ResourceTypes.NetworkPolicies, SyncSpace.Namespace, "copy")!;

    private static Resource Container(Resource pod) => new(Assert.Single(pod.Items("containers")).AsObject());

    private static Dictionary<string, string> Variables(Resource job) =>
        Container(new Resource(job.Section("spec", "template", "spec")!)).Items("env").Where(variable => variable["value"] is not null).ToDictionary(variable => (string)variable["name"]!, variable => (string)variable["value"]!);

    private static void AssertJson(string expected, JsonNode? actual) => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"Expected {expected}\nbut it is {actual?.ToJsonString()}");
}
