using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.Tests.OpenShift.Support;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.OpenShift;

public sealed class ImageRegistryReaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_that_belongs_to_the_registry_is_in_one_object()
    {
        using var cluster = SampleRegistry.OnVolume();
        cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config =>
        {
            config["spec"]!["defaultRoute"] = true;
            config["spec"]!["readOnly"] = true;
            config["spec"]!["requests"] = System.Text.Json.Nodes.JsonNode.Parse("""{"read":{"maxRunning":10,"maxInQueue":20,"maxWaitInQueue":"2m0s"}}""");
            config["spec"]!["tolerations"] = System.Text.Json.Nodes.JsonNode.Parse("""[{"key":"infra","value":"yes","effect":"NoSchedule"},{"operator":"Exists"}]""");
            config["spec"]!["nodeSelector"] = System.Text.Json.Nodes.JsonNode.Parse("""{"node-role.kubernetes.io/infra":""}""");
        });
        cluster.Put(ResourceTypes.Jobs, SampleRegistry.Namespace, "image-pruner-1", """{"metadata":{"labels":{"created-by":"image-pruner"}}}""");
        cluster.Put(ResourceTypes.Jobs, SampleRegistry.Namespace, "image-pruner-0", """{"metadata":{"labels":{"created-by":"image-pruner"}},"status":{"conditions":[{"type":"Complete","status":"True"}]}}""");
        SampleRegistry.Reconcile(cluster);

        var registry = await ImageRegistryReader.ReadAsync(cluster, Token);

        Assert.Equal("4.16.3", registry.Version);
        Assert.Equal("Managed", registry.ManagementState);
        Assert.Equal((BackendKind.Volume, "image-registry-storage", "Unmanaged"), (registry.Storage.Kind, registry.Storage.Location, registry.Storage.ManagementState));
        Assert.Equal(BackendKind.Volume, registry.ObservedStorage.Kind);
        Assert.True(registry.Claim is { Phase: "Bound", IsSingleNode: true, Requested: "100Gi", Volume: "pv-1" });
        Assert.True(registry is { ReadOnly: true, IsReadOnly: true, Replicas: 1, ReadyReplicas: 1, RolloutStrategy: "Recreate" });
        Assert.Equal(new RegistryRequestLimits(10, 20, TimeSpan.FromMinutes(2)), registry.ReadLimits);
        Assert.Equal(new RegistryRequestLimits(null, null, null), registry.WriteLimits);
        Assert.Equal(["infra=yes:NoSchedule", "*"], registry.Tolerations);
        Assert.Equal("", registry.NodeSelector["node-role.kubernetes.io/infra"]);
        Assert.Equal(["image-pruner-1"], registry.Pruner.Running);
        Assert.Equal(("OpenStack", "demo-x7k2p", "openstack"), (registry.Platform, registry.InfrastructureName, registry.CloudName));
        var route = Assert.Single(registry.Routes);
        Assert.True(route is { IsDefault: true, Admitted: true, Registry: "https://default.apps.test" });
        Assert.Equal(("filesystem", "image-registry-storage"), (registry.Deployment!.StorageDriver, registry.Deployment.StorageLocation));
        Assert.Equal("Ready", registry.Condition("Available")!.Reason);
        Assert.Empty(registry.Unread);
    }

    [Fact]
    public async Task A_deployment_that_still_rolls_out_refuses_no_writes_yet()
    {
        using var cluster = SampleRegistry.OnVolume();
        cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!["readOnly"] = true);
        SampleRegistry.RollOut(cluster, cluster.Peek(OpenShiftTypes.Configs, null, "cluster")!);
        cluster.Edit(ResourceTypes.Deployments, SampleRegistry.Namespace, "image-registry", deployment => deployment["status"]!["updatedReplicas"] = 0);

        var registry = await ImageRegistryReader.ReadAsync(cluster, Token);

        Assert.True(registry.ReadOnly);
        Assert.False(registry.IsReadOnly);
        Assert.True(registry.Deployment!.ReadOnly);
    }

    [Fact]
    public async Task What_may_not_be_read_is_named_and_the_rest_is_there()
    {
        using var cluster = SampleRegistry.OnVolume();
        cluster.Denied.UnionWith(["get secrets", "get clusteroperators.config.openshift.io"]);

        var registry = await ImageRegistryReader.ReadAsync(cluster, Token);

        Assert.Equal(
            ["clusteroperators.config.openshift.io/image-registry: not allowed", "secrets/image-registry-private-configuration-user: not allowed"],
            registry.Unread);
        Assert.False(registry.Credentials.IsKnown);
        Assert.Empty(registry.OperatorConditions);
        Assert.True(registry.Claim!.Exists);
    }

    [Fact]
    public async Task A_cluster_that_is_no_OpenShift_is_told_apart_from_a_missing_registry()
    {
        using var plain = new FakeKubernetes();
        plain.NotServed.Add(OpenShiftTypes.Configs);
        var notServed = await Assert.ThrowsAsync<ClusterException>(() => ImageRegistryReader.ReadAsync(plain, Token));
        Assert.Equal(ClusterErrorKind.NotServed, notServed.Kind);
        Assert.Contains("no OpenShift cluster", notServed.Message, StringComparison.Ordinal);

        using var bare = new FakeKubernetes();
        var notFound = await Assert.ThrowsAsync<ClusterException>(() => ImageRegistryReader.ReadAsync(bare, Token));
        Assert.Equal(ClusterErrorKind.NotFound, notFound.Kind);
        Assert.Contains("Test-ImageRegistry", notFound.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"pvc":{"claim":""}}""", BackendKind.Volume, null)]
    [InlineData("""{"swift":{"container":"c","authURL":"https://keystone"}}""", BackendKind.Swift, "c")]
    [InlineData("""{"s3":{"bucket":"b","region":"r","trustedCA":{"name":"ca"}}}""", BackendKind.S3, "b")]
    [InlineData("""{"emptyDir":{}}""", BackendKind.EmptyDir, null)]
    [InlineData("""{"azure":{"container":"a"}}""", BackendKind.Azure, "a")]
    [InlineData("{}", BackendKind.None, null)]
    public async Task Each_storage_type_is_known(string json, BackendKind kind, string? location)
    {
        using var cluster = SampleRegistry.On(json);

        var registry = await ImageRegistryReader.ReadAsync(cluster, Token);

        Assert.Equal((kind, location), (registry.Storage.Kind, registry.Storage.Location));
        Assert.Equal(kind == BackendKind.Volume, registry.Claim is not null);
    }

    [Fact]
    public async Task The_administrators_secret_wins_and_no_value_is_shown()
    {
        using var cluster = SampleRegistry.On("""{"s3":{"bucket":"b"}}""");
        Assert.Equal("installer-cloud-credentials (clouds.yaml)", (await ImageRegistryReader.ReadAsync(cluster, Token)).Credentials.ToString());
        cluster.Put(ResourceTypes.Secrets, SampleRegistry.Namespace, ImageRegistryNames.UserSecret, """{"data":{"REGISTRY_STORAGE_S3_ACCESSKEY":"VE9QU0VDUkVU","REGISTRY_STORAGE_S3_SECRETKEY":"VE9QU0VDUkVU"}}""");

        var credentials = (await ImageRegistryReader.ReadAsync(cluster, Token)).Credentials;

        Assert.True(credentials.IsUserSecret);
        Assert.Equal([BackendKind.S3], credentials.Backends);
        Assert.Equal("image-registry-private-configuration-user (REGISTRY_STORAGE_S3_ACCESSKEY, REGISTRY_STORAGE_S3_SECRETKEY)", credentials.ToString());
    }

    [Fact]
    public async Task Routes_that_are_wanted_refused_or_made_by_hand_are_told_apart()
    {
        using var cluster = SampleRegistry.OnVolume();
        cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config =>
        {
            config["spec"]!["defaultRoute"] = true;
            config["spec"]!["routes"] = System.Text.Json.Nodes.JsonNode.Parse("""[{"name":"public","hostname":"registry.example.com","secretName":"tls"}]""");
        });
        SampleRegistry.PutRoute(cluster, "public", "registry.example.com", admitted: false);
        SampleRegistry.PutRoute(cluster, "by-hand", "hand.example.com");
        cluster.Put(OpenShiftTypes.Routes, SampleRegistry.Namespace, "other", """{"spec":{"host":"x","to":{"name":"metrics"}}}""");

        var routes = await ImageRegistryReader.ReadRoutesAsync(cluster, Token);

        Assert.Equal(["default-route", "by-hand", "public"], routes.Select(route => route.Name));
        Assert.True(routes[0] is { Exists: false, IsConfigured: true, Admitted: null, Host: null });
        Assert.True(routes[1] is { IsConfigured: false, Admitted: true });
        Assert.True(routes[2] is { Admitted: false, CertificateSecret: "tls", Message: "a route in another namespace holds the host" });
    }
}
