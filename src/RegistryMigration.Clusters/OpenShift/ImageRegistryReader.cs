using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Reading;
using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift;

/// <summary>Reads OpenShift's image registry as one object.</summary>
public static class ImageRegistryReader
{
    /// <summary>The registry with all that belongs to it. What this account may not read beside the configuration is named in <see cref="ImageRegistry.Unread"/>.</summary>
    /// <exception cref="ClusterException">
    /// <see cref="ClusterErrorKind.NotServed"/> where the cluster is no OpenShift, <see cref="ClusterErrorKind.NotFound"/> where the registry is not installed, …
    /// </exception>
    public static async Task<ImageRegistry> ReadAsync(IKubernetesClient client, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        var config = await ReadConfigAsync(client, cancellationToken);
        var side = new SideReading(client);
        var storage = StorageReader.Read(config.Section("spec", "storage"));
        var observed = StorageReader.Read(config.Section("status", "storage"));
        var deployment = side.FindAsync(ResourceTypes.Deployments, ImageRegistryNames.Namespace, ImageRegistryNames.Deployment, cancellationToken);
        var clusterOperator = side.FindAsync(OpenShiftTypes.ClusterOperators, null, ImageRegistryNames.ClusterOperator, cancellationToken);
        var infrastructure = side.FindAsync(OpenShiftTypes.Infrastructures, null, ImageRegistryNames.Infrastructure, cancellationToken);
        var routes = side.ListAsync(OpenShiftTypes.Routes, ImageRegistryNames.Namespace, ListOptions.All, cancellationToken);
        var pruner = PrunerReader.ReadAsync(side, cancellationToken);
        var claim = ClaimReader.ReadAsync(side, storage, observed, cancellationToken);
        var credentials = CredentialReader.ReadAsync(side, storage, cancellationToken);
        await Task.WhenAll(deployment, clusterOperator, infrastructure, routes, pruner, claim, credentials);

        var running = DeploymentReader.Read((await deployment).Resource);
        var platform = (await infrastructure).Resource;
        var operatorStatus = (await clusterOperator).Resource;
        return new ImageRegistry
        {
            Cluster = client.Cluster,
            ResourceVersion = config.ResourceVersion ?? "",
            Generation = config.Generation,
            ObservedGeneration = config.Number("status", "observedGeneration") ?? 0,
            Version = VersionOf(operatorStatus) ?? Filled(config.Text("status", "version")),
            ManagementState = config.Text("spec", "managementState"),
            Storage = storage,
            ObservedStorage = observed,
            Replicas = (int)(config.Number("spec", "replicas") ?? 0),
            ReadyReplicas = (int)(config.Number("status", "readyReplicas") ?? 0),
            RolloutStrategy = Filled(config.Text("spec", "rolloutStrategy")),
            ReadOnly = config.Flag("spec", "readOnly") ?? false,
            // A deployment that was told to refuse writes still has old pods that take them until its roll-out is complete.
            IsReadOnly = running is null ? null : running.ReadOnly && running.IsComplete,
            DisableRedirect = config.Flag("spec", "disableRedirect") ?? false,
            Proxy = new RegistryProxy(Filled(config.Text("spec", "proxy", "http")), Filled(config.Text("spec", "proxy", "https")), Filled(config.Text("spec", "proxy", "noProxy"))),
            ReadLimits = LimitsOf(config, "read"),
            WriteLimits = LimitsOf(config, "write"),
            LogLevel = Filled(config.Text("spec", "logLevel")),
            OperatorLogLevel = Filled(config.Text("spec", "operatorLogLevel")),
            NodeSelector = JsonText.Texts(config.Section("spec", "nodeSelector")),
            Tolerations = [.. config.Items("spec", "tolerations").Select(JsonText.ObjectOf).Select(TolerationText)],
            Conditions = ConditionReader.Read(config),
            OperatorConditions = ConditionReader.Read(operatorStatus),
            Deployment = running,
            Claim = await claim,
            Credentials = await credentials,
            Routes = RouteReader.Read(config, await routes),
            Pruner = await pruner,
            Platform = Filled(platform?.Text("status", "platformStatus", "type")) ?? Filled(platform?.Text("status", "platform")),
            InfrastructureName = Filled(platform?.Text("status", "infrastructureName")),
            CloudName = platform?.Section("status", "platformStatus", "openstack") is { } openstack ? Filled((string?)openstack["cloudName"]) ?? ImageRegistryNames.DefaultCloud : null,
            ServiceHost = ImageRegistryNames.ServiceHost,
            Unread = side.Unread,
        };
    }

    /// <summary>The registry's configuration as it is stored.</summary>
    /// <exception cref="ClusterException">As <see cref="ReadAsync"/>.</exception>
    public static async Task<Resource> ReadConfigAsync(IKubernetesClient client, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        try
        {
            return await client.GetAsync(OpenShiftTypes.Configs, null, ImageRegistryNames.Config, cancellationToken);
        }
        catch (ClusterException e) when (e.Kind == ClusterErrorKind.NotServed)
        {
            throw new ClusterException(
                ClusterErrorKind.NotServed,
                $"{client.Cluster} does not serve {OpenShiftTypes.Configs}: it is no OpenShift cluster, or one without the ImageRegistry capability. Check the context with Connect-RegistryCluster.",
                e)
            { Reason = e.Reason, StatusCode = e.StatusCode, Target = $"{OpenShiftTypes.Configs}/{ImageRegistryNames.Config}" };
        }
        catch (ClusterException e) when (e.Kind == ClusterErrorKind.NotFound)
        {
            throw new ClusterException(
                ClusterErrorKind.NotFound,
                $"{client.Cluster} has no image registry configuration ({OpenShiftTypes.Configs}/{ImageRegistryNames.Config}). The registry's operator makes it: look at its log with Test-ImageRegistry.",
                e)
            { Reason = e.Reason, StatusCode = e.StatusCode, Target = $"{OpenShiftTypes.Configs}/{ImageRegistryNames.Config}" };
        }
    }

    /// <summary>The routes alone.</summary>
    /// <exception cref="ClusterException">As <see cref="ReadAsync"/>, and where routes may not be listed.</exception>
    public static async Task<IReadOnlyList<RegistryRoute>> ReadRoutesAsync(IKubernetesClient client, CancellationToken cancellationToken)
    {
        var config = await ReadConfigAsync(client, cancellationToken);
        var routes = new List<Resource>();
        await foreach (var route in client.ListAsync(OpenShiftTypes.Routes, ImageRegistryNames.Namespace, ListOptions.All, cancellationToken))
            routes.Add(route);
        return RouteReader.Read(config, routes);
    }

    private static RegistryRequestLimits LimitsOf(Resource config, string kind) => new(
        (int?)config.Number("spec", "requests", kind, "maxRunning"),
        (int?)config.Number("spec", "requests", kind, "maxInQueue"),
        GoDuration.Parse(config.Text("spec", "requests", kind, "maxWaitInQueue")));

    private static string? VersionOf(Resource? clusterOperator) => clusterOperator?.Items("status", "versions")
        .Select(JsonText.ObjectOf)
        .FirstOrDefault(version => version.Text("name") == "operator")?
        .Text("version");

    // As kubectl taint writes it.
    private static string TolerationText(Resource toleration)
    {
        var key = toleration.Text("key") ?? "*";
        var value = toleration.Text("value") is { Length: > 0 } given ? $"={given}" : "";
        return toleration.Text("effect") is { Length: > 0 } effect ? $"{key}{value}:{effect}" : key + value;
    }

    private static string? Filled(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
