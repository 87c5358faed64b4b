using System.Text;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Reading;
using RegistryMigration.Clusters.Quay.Configuration;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay;

/// <summary>The pieces that a Quay under the operator consists of, as they are stored.</summary>
public sealed record QuaySources
{
    /// <summary>The QuayRegistry.</summary>
    public required Resource Registry { get; init; }

    /// <summary>The name of the bundle Secret; null where the QuayRegistry names none yet.</summary>
    public string? BundleName { get; init; }

    /// <summary>The bundle Secret; null where there is none, or it may not be read.</summary>
    public Resource? Bundle { get; init; }

    /// <summary>The configuration in the bundle; null where it can't be read: <see cref="Unread"/> says why.</summary>
    public QuayConfig? BundleConfig { get; init; }

    /// <summary>The name of the rendered Secret that Quay's deployment uses; null where there is no deployment.</summary>
    public string? RenderedName { get; init; }

    /// <summary>The configuration in the rendered Secret; null where it can't be read: <see cref="Unread"/> says why.</summary>
    public QuayConfig? RenderedConfig { get; init; }

    /// <summary>Quay's Deployment; null where there is none, or it may not be read.</summary>
    public Resource? Deployment { get; init; }

    /// <summary>Whether the operator owns the storage.</summary>
    public bool IsStorageManaged { get; init; }

    /// <summary>What could not be read, with the reason.</summary>
    public IReadOnlyList<string> Unread { get; init; } = [];

    /// <summary>What Quay runs with: the rendered configuration, or the bundle's where there is none.</summary>
    public QuayConfig? Config => RenderedConfig ?? BundleConfig;

    /// <summary>Reads the pieces of a QuayRegistry. What this account may not read beside it is named in <see cref="Unread"/>.</summary>
    /// <exception cref="ClusterException">There is no such QuayRegistry, or it can't be read.</exception>
    public static async Task<QuaySources> ReadAsync(IKubernetesClient client, string @namespace, string? name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        return await ReadAsync(client, await QuayFinder.FindAsync(client, @namespace, name, cancellationToken), cancellationToken);
    }

    internal static async Task<QuaySources> ReadAsync(IKubernetesClient client, Resource registry, CancellationToken cancellationToken)
    {
        var side = new SideReading(client);
        var broken = new List<string>();
        var (@namespace, name) = (registry.Namespace!, registry.Name);
        var bundleName = registry.Text("spec", "configBundleSecret") is { Length: > 0 } named ? named : null;
        var bundle = bundleName is null ? null : (await side.FindAsync(ResourceTypes.Secrets, @namespace, bundleName, cancellationToken)).Resource;
        var deployment = (await side.FindAsync(ResourceTypes.Deployments, @namespace, QuayTypes.DeploymentOf(name), cancellationToken)).Resource;
        var renderedName = deployment is null ? null : RenderedIn(deployment, name);
        var rendered = renderedName is null ? null : (await side.FindAsync(ResourceTypes.Secrets, @namespace, renderedName, cancellationToken)).Resource;
        return new QuaySources
        {
            Registry = registry,
            BundleName = bundleName,
            Bundle = bundle,
            BundleConfig = ConfigOf(bundle, broken),
            RenderedName = renderedName,
            RenderedConfig = ConfigOf(rendered, broken),
            Deployment = deployment,
            IsStorageManaged = await IsStorageManagedAsync(client, registry, cancellationToken),
            Unread = [.. side.Unread, .. broken],
        };
    }

    /// <summary>The rendered Secret that a pod of Quay runs with; null where it names none.</summary>
    internal static string? RenderedOf(Resource pod, string name) => RenderedIn(PodTemplate.OfPod(pod), name);

    /// <summary>The configuration in a Secret; null where there is none that can be read.</summary>
    internal static QuayConfig? ConfigOf(Resource secret) => ConfigOf(secret, []);

    // kustomize/base/quay.deployment.yaml: a source of a projected volume, and a variable, which administrators may override.
    private static string? RenderedIn(Resource deployment, string name) =>
        PodTemplate.Volumes(deployment)
            .SelectMany(volume => volume.Items("projected", "sources").Select(source => JsonText.ObjectOf(source).Text("secret", "name")).Append(volume.Text("secret", "secretName")))
            .FirstOrDefault(secret => secret?.StartsWith(QuayTypes.RenderedPrefixOf(name), StringComparison.Ordinal) == true)
        ?? (PodTemplate.Variable(deployment, "QE_K8S_CONFIG_SECRET") is { Length: > 0 } variable ? variable : null);

    // apis/quay/v1/quayregistry_types.go, EnsureDefaultComponents: managed wherever buckets can be claimed. The operator writes it into the object when it first sees it.
    private static async Task<bool> IsStorageManagedAsync(IKubernetesClient client, Resource registry, CancellationToken cancellationToken)
    {
        var component = registry.Items("spec", "components").Select(JsonText.ObjectOf).FirstOrDefault(component => component.Text("kind") == QuayTypes.ObjectStorage);
        return component is not null ? component.Flag("managed") ?? false : await client.DiscoverAsync("objectbucket.io", "objectbucketclaims", cancellationToken) is not null;
    }

    private static QuayConfig? ConfigOf(Resource? secret, List<string> broken)
    {
        if (secret is null)
            return null;
        try
        {
            if (secret.Text("data", QuayTypes.ConfigKey) is { } data)
                return QuayConfig.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(data)));
            broken.Add($"{ResourceTypes.Secrets}/{secret.Name}: it has no {QuayTypes.ConfigKey}");
        }
        catch (FormatException e)
        {
            broken.Add($"{ResourceTypes.Secrets}/{secret.Name}: {e.Message}");
        }

        return null;
    }
}
