using System.Text;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.OpenShift.References;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.OpenShift;

public sealed class ImageReferencesTests
{
    private static readonly ResourceType CronJobs = new("batch", "v1beta1", "cronjobs", "CronJob");
    private static readonly ResourceType Controllers = new("", "v1", "replicationcontrollers", "ReplicationController");
    private readonly List<string> _skipped = [];
    private readonly List<ClusterException> _failed = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_place_of_every_kind_is_found()
    {
        using var cluster = Cluster();

        var found = await FindAsync(cluster);

        Assert.Equal(
            [
                "Image sha256:1 dockerImageReference",
                "ImageStream app status.tags[0].items[0].dockerImageReference",
                "ImageStream app status.tags[0].items[1].dockerImageReference",
                "ImageStream app spec.dockerImageRepository",
                "ImageStream app spec.tags[0].from.name",
                "Secret new data..dockerconfigjson.old.test",
                "Secret old data..dockercfg.https://old.test/v1/",
                "BuildConfig app spec.output.to.name",
                "BuildConfig app spec.strategy.dockerStrategy.from.name",
                "BuildConfig app spec.source.images[1].from.name",
                "DeploymentConfig app spec.template.spec.containers[0].image",
                "Deployment app spec.template.spec.initContainers[0].image",
                "Deployment app spec.template.spec.containers[1].image",
                "StatefulSet app spec.template.spec.containers[0].image",
                "DaemonSet app spec.template.spec.containers[0].image",
                "CronJob app spec.jobTemplate.spec.template.spec.containers[0].image",
                "Job app spec.template.spec.containers[0].image",
                "ReplicationController app spec.template.spec.containers[0].image",
                "Pod app spec.containers[0].image",
                "Pod app spec.ephemeralContainers[0].image",
            ],
            found.SelectMany(plan => plan.Changes).Select(change => $"{change.Kind} {change.Name} {change.Path}"));
        Assert.Empty(cluster.Changes);
        Assert.Empty(_failed);
    }

    [Fact]
    public async Task What_a_controller_owns_is_left_to_its_owner()
    {
        using var cluster = Cluster();
        cluster.Put(ResourceTypes.Pods, "ns", "owned", """{"metadata":{"ownerReferences":[{"kind":"ReplicaSet","name":"x","controller":true}]},"spec":{"containers":[{"image":"old.test/a"}]}}""");
        cluster.Put(ResourceTypes.Pods, "ns", "adopted", """{"metadata":{"ownerReferences":[{"kind":"Node","name":"x"}]},"spec":{"containers":[{"image":"old.test/a"}]}}""");

        var found = await FindAsync(cluster, kinds: ["pod"]);

        Assert.Equal(["adopted", "app"], found.Select(plan => plan.Found.Name));
        Assert.Contains(_skipped, text => text.Contains("1 left alone", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Everything_is_changed_with_a_test_of_what_was_there()
    {
        using var cluster = Cluster();

        var results = await ApplyAsync(cluster);

        Assert.Equal(["Job", "Pod"], results.Where(change => !change.Applied).Select(change => change.Kind));
        Assert.All(results.Where(change => !change.Applied), change => Assert.NotNull(change.Reason));
        Assert.All(cluster.Changes, request => Assert.Contains("/metadata/resourceVersion", request.Body!.ToJsonString(), StringComparison.Ordinal));
        Assert.Equal("new.test/a:1", cluster.Peek(ResourceTypes.Deployments, "ns", "app")!.At("spec", "template", "spec", "initContainers")![0]!["image"]!.GetValue<string>());
        Assert.Equal("elsewhere.test/b", cluster.Peek(ResourceTypes.Deployments, "ns", "app")!.At("spec", "template", "spec", "containers")![0]!["image"]!.GetValue<string>());
        var stream = cluster.Peek(OpenShiftTypes.ImageStreams, "ns", "app")!.Json.ToJsonString();
        Assert.DoesNotContain("old.test", stream, StringComparison.Ordinal);
        Assert.Contains("\"ImageStreamTag\",\"name\":\"old.test/x\"", cluster.Peek(OpenShiftTypes.BuildConfigs, "ns", "app")!.Json.ToJsonString(), StringComparison.Ordinal);
        Assert.Empty(await FindAsync(cluster) is var left ? left.Where(plan => plan.Changes.Any(change => change.Reason is null)) : []);
        Assert.Empty(_failed);
    }

    [Fact]
    public async Task The_status_of_a_stream_is_written_before_its_spec()
    {
        using var cluster = Cluster();

        await ApplyAsync(cluster, ["ImageStream"]);

        Assert.Equal(["status", null], cluster.Changes.Select(request => request.Patch!.Subresource));
    }

    [Fact]
    public async Task Secrets_keep_their_credentials_under_the_new_name_and_show_none()
    {
        using var cluster = Cluster();

        var results = await ApplyAsync(cluster, ["Secret"]);

        Assert.Equal("""{"auths":{"new.test":{"auth":"dG9w"},"third.test":{"auth":"eA=="}},"other":1}""", Data(cluster, "new", ".dockerconfigjson"));
        Assert.Equal("""{"new.test":{"auth":"dG9w"}}""", Data(cluster, "old", ".dockercfg"));
        Assert.All(results, change => Assert.DoesNotContain("dG9w", change.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_secret_that_knows_the_new_registry_already_is_left()
    {
        using var cluster = new FakeKubernetes();
        PutSecret(cluster, "both", "kubernetes.io/dockerconfigjson", ".dockerconfigjson", """{"auths":{"old.test":{"auth":"a"},"new.test":{"auth":"b"}}}""");

        var change = Assert.Single(await ApplyAsync(cluster, ["Secret"]));

        Assert.False(change.Applied);
        Assert.Contains("credentials for new.test already", change.Reason, StringComparison.Ordinal);
        Assert.Empty(cluster.Changes);
    }

    [Fact]
    public async Task A_secret_that_is_no_docker_configuration_is_an_error_and_the_rest_goes_on()
    {
        using var cluster = Cluster();
        PutSecret(cluster, "broken", "kubernetes.io/dockercfg", ".dockercfg", "no json: dG9w");

        var found = await FindAsync(cluster, kinds: ["Secret"]);

        Assert.Equal(["new", "old"], found.Select(plan => plan.Found.Name));
        Assert.Contains("broken", Assert.Single(_failed).Message, StringComparison.Ordinal);
        Assert.DoesNotContain("dG9w", _failed[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Types_that_are_not_served_are_left_out()
    {
        using var cluster = Cluster();
        cluster.NotServed.Add(OpenShiftTypes.BuildConfigs);

        var found = await FindAsync(cluster);

        Assert.DoesNotContain(found, plan => plan.Changes[0].Kind == "BuildConfig");
        Assert.Contains(_skipped, text => text.Contains("buildconfigs.build.openshift.io: not served", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_type_that_may_not_be_listed_is_an_error_and_the_rest_goes_on()
    {
        using var cluster = Cluster();
        cluster.Denied.Add("list secrets");

        var found = await FindAsync(cluster);

        Assert.Equal(ClusterErrorKind.Denied, Assert.Single(_failed).Kind);
        Assert.Contains(found, plan => plan.Changes[0].Kind == "Pod");
    }

    [Fact]
    public async Task Namespaces_leave_everything_else_out()
    {
        using var cluster = Cluster();
        cluster.Put(ResourceTypes.Pods, "other", "app", """{"spec":{"containers":[{"image":"old.test/a"}]}}""");

        var found = await FindAsync(cluster, namespaces: ["other"]);

        Assert.Equal("other", Assert.Single(found).Found.Namespace);
        Assert.Contains(_skipped, text => text.Contains("images.image.openshift.io: left out", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_object_that_changed_meanwhile_is_planned_again()
    {
        using var cluster = new FakeKubernetes();
        cluster.Put(ResourceTypes.Deployments, "ns", "app", """{"spec":{"template":{"spec":{"containers":[{"image":"old.test/a"}]}}}}""");
        var plan = Assert.Single(await FindAsync(cluster));
        cluster.Edit(ResourceTypes.Deployments, "ns", "app", deployment =>
            ((JsonArray)deployment["spec"]!["template"]!["spec"]!["containers"]!).Insert(0, new JsonObject { ["image"] = "old.test/sidecar" }));

        var results = await References(cluster).ApplyAsync(plan, Failed, Token);

        Assert.Equal(["old.test/sidecar", "old.test/a"], results.Select(change => change.From));
        Assert.All(results, change => Assert.True(change.Applied));
    }

    [Fact]
    public async Task An_object_that_the_server_refuses_to_change_says_why()
    {
        using var cluster = Cluster();
        cluster.Denied.Add("patch statefulsets.apps");

        var results = await ApplyAsync(cluster, ["StatefulSet", "DaemonSet"]);

        Assert.Contains("may not", results.Single(change => change.Kind == "StatefulSet").Reason, StringComparison.Ordinal);
        Assert.True(results.Single(change => change.Kind == "DaemonSet").Applied);
        Assert.Single(_failed);
    }

    [Fact]
    public async Task A_mapping_that_matches_its_own_result_is_applied_once()
    {
        using var cluster = new FakeKubernetes();
        cluster.Put(OpenShiftTypes.ImageStreams, "ns", "app", """{"spec":{"dockerImageRepository":"a.test/x"},"status":{"tags":[{"items":[{"dockerImageReference":"a.test/x@sha256:0"}]}]}}""");
        var references = new ImageReferences(cluster, new ReferenceOptions { Mappings = [ReferenceMapping.Parse("*/x=*/x/x"), ReferenceMapping.Parse("*/x/x=*/x/x/x")] });
        var plans = new List<ReferencePlan>();
        await foreach (var plan in references.FindAsync(Failed, _skipped.Add, Token))
            plans.Add(plan);

        var results = await references.ApplyAsync(Assert.Single(plans), Failed, Token);

        Assert.Equal(2, results.Count);
        Assert.Equal("a.test/x/x", cluster.Peek(OpenShiftTypes.ImageStreams, "ns", "app")!.Text("spec", "dockerImageRepository"));
    }

    [Fact]
    public void No_mapping_and_unknown_kinds_are_refused()
    {
        using var cluster = new FakeKubernetes();

        Assert.Throws<FormatException>(() => new ImageReferences(cluster, new ReferenceOptions { Mappings = [] }));
        Assert.Contains("StatefulSet", Assert.Throws<FormatException>(() => References(cluster, ["Gadget"])).Message, StringComparison.Ordinal);
    }

    private static FakeKubernetes Cluster()
    {
        var cluster = new FakeKubernetes();
        const string Template = """{"spec":{"template":{"spec":{"containers":[{"image":"old.test/a:1"}]}}}}""";
        cluster.Put(OpenShiftTypes.Images, null, "sha256:1", """{"dockerImageReference":"old.test/ns/app@sha256:1"}""");
        cluster.Put(OpenShiftTypes.ImageStreams, "ns", "app", """
            {"spec":{"dockerImageRepository":"old.test/ns/app","tags":[{"name":"a","from":{"kind":"DockerImage","name":"old.test/x:1"}},{"name":"b","from":{"kind":"ImageStreamTag","name":"app:a"}},{"name":"c"}]},
             "status":{"tags":[{"tag":"a","items":[{"dockerImageReference":"old.test/ns/app@sha256:1"},{"dockerImageReference":"old.test/ns/app@sha256:2"}]}]}}
            """);
        PutSecret(cluster, "new", "kubernetes.io/dockerconfigjson", ".dockerconfigjson", """{"auths":{"old.test":{"auth":"dG9w"},"third.test":{"auth":"eA=="}},"other":1}""");
        PutSecret(cluster, "old", "kubernetes.io/dockercfg", ".dockercfg", """{"https://old.test/v1/":{"auth":"dG9w"}}""");
        cluster.Put(ResourceTypes.Secrets, "ns", "opaque", """{"type":"Opaque","data":{".dockercfg":"bm8="}}""");
        cluster.Put(OpenShiftTypes.BuildConfigs, "ns", "app", """
            {"spec":{"output":{"to":{"kind":"DockerImage","name":"old.test/ns/out:1"}},"strategy":{"dockerStrategy":{"from":{"kind":"DockerImage","name":"old.test/base"}}},
                     "source":{"images":[{"from":{"kind":"ImageStreamTag","name":"old.test/x"}},{"from":{"kind":"DockerImage","name":"old.test/y"}}]}}}
            """);
        cluster.Put(OpenShiftTypes.DeploymentConfigs, "ns", "app", Template);
        cluster.Put(ResourceTypes.Deployments, "ns", "app", """
            {"spec":{"template":{"spec":{"initContainers":[{"image":"old.test/a:1"}],"containers":[{"image":"elsewhere.test/b"},{"image":"old.test/c@sha256:00"}]}}}}
            """);
        cluster.Put(ResourceTypes.StatefulSets, "ns", "app", Template);
        cluster.Put(ResourceTypes.DaemonSets, "ns", "app", Template);
        cluster.Put(CronJobs, "ns", "app", $$$"""{"spec":{"jobTemplate":{{{Template}}}}}""");
        cluster.Put(ResourceTypes.Jobs, "ns", "app", Template);
        cluster.Put(Controllers, "ns", "app", Template);
        cluster.Put(ResourceTypes.Pods, "ns", "app", """{"spec":{"containers":[{"image":"old.test/a:1"}],"ephemeralContainers":[{"image":"old.test/debug"}]}}""");
        return cluster;
    }

    private static void PutSecret(FakeKubernetes cluster, string name, string type, string key, string content) => cluster.Put(ResourceTypes.Secrets, "ns", name, new JsonObject
    {
        ["type"] = type,
        ["data"] = new JsonObject { [key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(content)) },
    });

    private static string Data(FakeKubernetes cluster, string name, string key) =>
        Encoding.UTF8.GetString(Convert.FromBase64String(cluster.Peek(ResourceTypes.Secrets, "ns", name)!.Text("data", key)!));

    private static ImageReferences References(FakeKubernetes cluster, IReadOnlyList<string>? kinds = null, IReadOnlyList<string>? namespaces = null) =>
        new(cluster, new ReferenceOptions { Mappings = [ReferenceMapping.Parse("old.test/*=new.test/*")], Kinds = kinds ?? [], Namespaces = namespaces ?? [] });

    private ValueTask Failed(ClusterException e)
    {
        _failed.Add(e);
        return ValueTask.CompletedTask;
    }

    private async Task<IReadOnlyList<ReferencePlan>> FindAsync(FakeKubernetes cluster, IReadOnlyList<string>? kinds = null, IReadOnlyList<string>? namespaces = null)
    {
        var plans = new List<ReferencePlan>();
        await foreach (var plan in References(cluster, kinds, namespaces).FindAsync(Failed, _skipped.Add, Token))
            plans.Add(plan);
        return plans;
    }

    private async Task<IReadOnlyList<ImageReferenceChange>> ApplyAsync(FakeKubernetes cluster, IReadOnlyList<string>? kinds = null)
    {
        var results = new List<ImageReferenceChange>();
        foreach (var plan in await FindAsync(cluster, kinds))
            results.AddRange(await References(cluster).ApplyAsync(plan, Failed, Token));
        return results;
    }
}
