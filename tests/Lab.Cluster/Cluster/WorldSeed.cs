using System.Text;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Makes the objects of a cluster with an image registry, and takes them away again.</summary>
public sealed class WorldSeed(KubeApi api, LabState lab, WorldOptions options)
{
    private const string ClaimName = "image-registry-storage";

    /// <summary>The container or bucket, where the storage is one or is to become one.</summary>
    public string Container { get; } = options.Container ?? $"{options.InfrastructureName}-image-registry-{Guid.NewGuid().ToString("n")[..12]}";

    /// <summary>Makes everything; the Config comes last.</summary>
    public async Task MakeAsync(CancellationToken cancellationToken)
    {
        foreach (var project in options.Projects.Append(Names.Namespace).Append("openshift-config"))
            await ApplyAsync($"/api/v1/namespaces/{project}", Project(project), cancellationToken);
        foreach (var account in new[] { "registry", "cluster-image-registry-operator" })
            await ApplyAsync($"/api/v1/namespaces/{Names.Namespace}/serviceaccounts/{account}", Object("v1", "ServiceAccount", account), cancellationToken);
        await MakeInfrastructureAsync(cancellationToken);
        await MakeCredentialsAsync(cancellationToken);
        if (options.Storage == "pvc")
            await MakeClaimAsync(cancellationToken);
        await MakeOperatorAsync(cancellationToken);

        var service = Object("v1", "Service", "image-registry");
        service["spec"] = new JsonObject { ["selector"] = new JsonObject { ["docker-registry"] = "default" }, ["ports"] = new JsonArray(new JsonObject { ["name"] = "5000-tcp", ["port"] = 5000, ["targetPort"] = 5000, ["protocol"] = "TCP" }) };
        await ApplyAsync($"/api/v1/namespaces/{Names.Namespace}/services/image-registry", service, cancellationToken);
        await ApplyAsync(Names.ClusterOperator, With(Object("config.openshift.io/v1", "ClusterOperator", "image-registry"), []), cancellationToken);
        var pruner = new JsonObject { ["suspend"] = options.PrunerSuspended, ["keepTagRevisions"] = 3, ["keepYoungerThanDuration"] = "60m", ["ignoreInvalidImageReferences"] = true };
        await ApplyAsync(Names.Pruner, With(Object("imageregistry.operator.openshift.io/v1", "ImagePruner", "cluster"), pruner), cancellationToken);
        await ApplyAsync(Names.Config, With(Object("imageregistry.operator.openshift.io/v1", "Config", "cluster"), ConfigSpec()), cancellationToken);
    }

    /// <summary>Takes everything away, with no operator running: nothing may be deleted with the Config. Pods need a node to end.</summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        if (await api.FindAsync(Names.Config, cancellationToken) is not null)
            await api.MergeAsync(Names.Config, new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray() } }, cancellationToken);
        foreach (var path in new[] { Names.Config, Names.Pruner, Names.ClusterOperator, Names.Infrastructure })
            await api.DeleteAsync(path, null, cancellationToken);
        foreach (var image in await api.ListAsync("/apis/image.openshift.io/v1/images", cancellationToken))
            await api.DeleteAsync($"/apis/image.openshift.io/v1/images/{image.Name}", null, cancellationToken);
        foreach (var project in options.Projects.Append(Names.Namespace))
            await EmptyAsync(api, project, cancellationToken);
    }

    private static readonly string[] Collections =
    [
        "/apis/apps/v1/{0}deployments", "/apis/apps/v1/{0}statefulsets", "/apis/apps/v1/{0}daemonsets", "/apis/batch/v1/{0}jobs", "/apis/batch/v1beta1/{0}cronjobs", "/apis/apps/v1/{0}replicasets", "/api/v1/{0}pods",
        "/api/v1/{0}persistentvolumeclaims", "/api/v1/{0}configmaps", "/api/v1/{0}secrets", "/api/v1/{0}services", "/apis/coordination.k8s.io/v1/{0}leases", "/apis/networking.k8s.io/v1/{0}networkpolicies",
        "/apis/image.openshift.io/v1/{0}imagestreams", "/apis/route.openshift.io/v1/{0}routes", "/apis/apps.openshift.io/v1/{0}deploymentconfigs", "/apis/build.openshift.io/v1/{0}buildconfigs", "/api/v1/{0}events",
        "/apis/objectbucket.io/v1alpha1/{0}objectbucketclaims", "/apis/rbac.authorization.k8s.io/v1/{0}roles", "/apis/rbac.authorization.k8s.io/v1/{0}rolebindings",
    ];

    /// <summary>Takes everything out of a namespace.</summary>
    internal static async Task EmptyAsync(KubeApi api, string project, CancellationToken cancellationToken)
    {
        var collections = Collections.Select(collection => string.Format(System.Globalization.CultureInfo.InvariantCulture, collection, $"namespaces/{project}/")).ToList();
        foreach (var collection in collections)
            foreach (var item in await Disposable(api, collection, cancellationToken))
                await api.DeleteAsync($"{collection}/{item.Name}", collection.EndsWith("/pods", StringComparison.Ordinal) ? 1 : null, cancellationToken);
        foreach (var collection in collections.Where(collection => collection.EndsWith("/pods", StringComparison.Ordinal) || collection.EndsWith("claims", StringComparison.Ordinal)))
            while ((await Disposable(api, collection, cancellationToken)).Count > 0)
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
    }

    // Tokens of service accounts and the authority of the cluster are made again by the cluster, in its own time.
    private static async Task<List<Resource>> Disposable(KubeApi api, string collection, CancellationToken cancellationToken) =>
        [.. (await api.ListAsync(collection, cancellationToken)).Where(item => item.Text("type") != "kubernetes.io/service-account-token" && item.Name != "kube-root-ca.crt")];

    // As OpenShift's controller marks every namespace for its security context constraints.
    private static JsonObject Project(string name)
    {
        var project = Object("v1", "Namespace", name);
        project["metadata"]!["annotations"] = new JsonObject
        {
            ["openshift.io/sa.scc.uid-range"] = "1000330000/10000",
            ["openshift.io/sa.scc.supplemental-groups"] = "1000330000/10000",
            ["openshift.io/sa.scc.mcs"] = "s0:c18,c17",
        };
        return project;
    }

    private JsonObject ConfigSpec()
    {
        var volume = options.Storage == "pvc";
        var storage = new JsonObject { ["managementState"] = options.StorageManagementState };
        storage[options.Storage] = options.Storage switch
        {
            "pvc" => new JsonObject { ["claim"] = ClaimName },
            "swift" when options.UserSecret => new JsonObject { ["container"] = Container, ["authURL"] = Swift().AuthUrl.ToString(), ["authVersion"] = "1" },
            "swift" => new JsonObject { ["container"] = Container },
            "s3" => new JsonObject { ["bucket"] = Container, ["region"] = Ceph().Region, ["regionEndpoint"] = Ceph().Endpoint.ToString() },
            var other => throw new ArgumentException($"There is no storage '{other}': pvc, swift, s3."),
        };
        return new JsonObject
        {
            ["managementState"] = options.ManagementState,
            ["replicas"] = options.Replicas ?? (volume ? 1 : 2),
            ["rolloutStrategy"] = options.RolloutStrategy ?? (volume ? "Recreate" : "RollingUpdate"),
            ["readOnly"] = options.ReadOnly,
            ["defaultRoute"] = options.DefaultRoute,
            ["httpSecret"] = "lab-http-secret",
            // No redirects to storage: its address is right for the registry, and a test may not reach it.
            ["disableRedirect"] = true,
            ["proxy"] = new JsonObject(),
            ["storage"] = storage,
        };
    }

    private async Task MakeInfrastructureAsync(CancellationToken cancellationToken)
    {
        await ApplyAsync(Names.Infrastructure, With(Object("config.openshift.io/v1", "Infrastructure", "cluster"), []), cancellationToken);
        var platform = new JsonObject { ["type"] = options.Platform };
        if (options.Platform == "OpenStack")
            platform["openstack"] = new JsonObject { ["cloudName"] = "openstack" };
        var status = new JsonObject { ["infrastructureName"] = options.InfrastructureName, ["platform"] = options.Platform, ["platformStatus"] = platform };
        await api.MergeAsync(Names.Infrastructure + "/status", new JsonObject { ["status"] = status }, cancellationToken);
    }

    private async Task MakeCredentialsAsync(CancellationToken cancellationToken)
    {
        var installer = new Dictionary<string, string>(StringComparer.Ordinal);
        var user = new Dictionary<string, string>(StringComparer.Ordinal);
        if (options.Keystone || (lab.Swift is null && lab.SwiftKs is not null))
            installer["clouds.yaml"] = KeystoneClouds();
        else if (lab.Swift is not null)
            installer["clouds.yaml"] = $"clouds:\n  openstack:\n    auth_type: v1password\n    identity_api_version: '1'\n    auth:\n      auth_url: {lab.Swift.AuthUrl}\n      username: '{lab.Swift.User}'\n      password: {lab.Swift.Key}\n";
        if (lab.Ceph is not null)
            (installer["aws_access_key_id"], installer["aws_secret_access_key"]) = (lab.Ceph.AccessKey, lab.Ceph.SecretKey);
        if (options is { UserSecret: true, Storage: "swift" })
            (user["REGISTRY_STORAGE_SWIFT_USERNAME"], user["REGISTRY_STORAGE_SWIFT_PASSWORD"]) = (Swift().User, Swift().Key);
        if (options is { UserSecret: true, Storage: "s3" })
            (user["REGISTRY_STORAGE_S3_ACCESSKEY"], user["REGISTRY_STORAGE_S3_SECRETKEY"]) = (Ceph().AccessKey, Ceph().SecretKey);
        await MakeSecretAsync("installer-cloud-credentials", installer, cancellationToken);
        await MakeSecretAsync("image-registry-private-configuration-user", user, cancellationToken);
    }

    private string KeystoneClouds()
    {
        var access = lab.SwiftKs ?? throw new InvalidOperationException("Swift behind Keystone does not run: start swift-ks.");
        return $"clouds:\n  openstack:\n    region_name: {access.Region}\n    identity_api_version: '3'\n    auth:\n      auth_url: {access.AuthUrl}\n      username: {access.User}\n      password: {access.Password}\n      project_name: {access.Project}\n"
            + "      user_domain_id: default\n      project_domain_id: default\n";
    }

    private async Task MakeSecretAsync(string name, Dictionary<string, string> content, CancellationToken cancellationToken)
    {
        if (content.Count == 0)
            return;
        var data = new JsonObject();
        foreach (var (key, value) in content)
            data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value));
        var secret = Object("v1", "Secret", name);
        secret["data"] = data;
        await ApplyAsync($"{Names.Secrets}/{name}", secret, cancellationToken);
    }

    private async Task MakeClaimAsync(CancellationToken cancellationToken)
    {
        var claim = Object("v1", "PersistentVolumeClaim", ClaimName);
        claim["spec"] = new JsonObject { ["accessModes"] = new JsonArray(options.AccessMode), ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = "100Gi" } } };
        await ApplyAsync(Names.Claim(Names.Namespace, ClaimName), claim, cancellationToken);
        // A cluster's volume is not empty when a test comes: the directory is there before the first pod.
        Directory.CreateDirectory(Path.Combine(lab.Claims, Names.Namespace, ClaimName));
    }

    private Task<Resource> MakeOperatorAsync(CancellationToken cancellationToken)
    {
        var labels = new JsonObject { ["name"] = "cluster-image-registry-operator" };
        var container = new JsonObject
        {
            ["name"] = "cluster-image-registry-operator",
            ["image"] = "registry.lab/openshift/cluster-image-registry-operator:4.16.0",
            ["command"] = new JsonArray("/bin/sh", "-c", "echo 'I0101 00:00:00.000000       1 main.go:58] Cluster Image Registry Operator Version: 4.16.0'; exec sleep infinity"),
        };
        var deployment = Object("apps/v1", "Deployment", "cluster-image-registry-operator");
        deployment["spec"] = new JsonObject
        {
            ["replicas"] = 1,
            ["selector"] = new JsonObject { ["matchLabels"] = labels },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = labels.DeepClone() },
                ["spec"] = new JsonObject
                {
                    ["serviceAccountName"] = "cluster-image-registry-operator",
                    ["terminationGracePeriodSeconds"] = 1,
                    ["nodeSelector"] = new JsonObject { ["node-role.kubernetes.io/master"] = "" },
                    ["tolerations"] = new JsonArray(new JsonObject { ["key"] = "node-role.kubernetes.io/master", ["operator"] = "Exists", ["effect"] = "NoSchedule" }),
                    ["containers"] = new JsonArray(container),
                },
            },
        };
        return ApplyAsync($"{Names.Deployments}/cluster-image-registry-operator", deployment, cancellationToken);
    }

    private SwiftAccess Swift() => lab.Swift ?? throw new InvalidOperationException("Swift does not run: start swift.");

    private S3Access Ceph() => lab.Ceph ?? throw new InvalidOperationException("S3 does not run: start ceph.");

    private Task<Resource> ApplyAsync(string path, JsonObject value, CancellationToken cancellationToken) => api.ApplyAsync(path, value, cancellationToken);

    private static JsonObject Object(string version, string kind, string name) => new() { ["apiVersion"] = version, ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = name } };

    private static JsonObject With(JsonObject value, JsonObject spec)
    {
        value["spec"] = spec;
        return value;
    }
}
