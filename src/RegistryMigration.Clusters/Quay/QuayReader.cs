using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Reading;
using RegistryMigration.Clusters.Quay.Configuration;
using RegistryMigration.Clusters.Quay.Drivers;
using RegistryMigration.Clusters.Quay.Steps;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay;

/// <summary>Reads a Quay as one object: under the operator, or by its configuration file.</summary>
public static class QuayReader
{
    /// <summary>The QuayRegistry with all that belongs to it. What this account may not read beside it is named in <see cref="QuayRegistry.Unread"/>.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="namespace">The namespace.</param>
    /// <param name="name">The name; null is the only one of the namespace.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ClusterException">There is none, several and no name, or no operator of Quay.</exception>
    public static async Task<QuayRegistry> ReadAsync(IKubernetesClient client, string @namespace, string? name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        return Of(client, await QuaySources.ReadAsync(client, @namespace, name, cancellationToken));
    }

    /// <summary>All QuayRegistries of a namespace, or of the cluster.</summary>
    /// <exception cref="ClusterException">The cluster has no operator of Quay, or they may not be listed.</exception>
    public static async IAsyncEnumerable<QuayRegistry> ListAsync(IKubernetesClient client, string? @namespace, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        await foreach (var registry in QuayFinder.AllAsync(client, @namespace, cancellationToken))
            yield return Of(client, await QuaySources.ReadAsync(client, registry, cancellationToken));
    }

    /// <summary>A standalone Quay by its <c>config.yaml</c>, or the directory that has one.</summary>
    /// <exception cref="IOException">There is no such file, or it can't be read.</exception>
    /// <exception cref="FormatException">It is none that Quay reads.</exception>
    public static async Task<QuayRegistry> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        var file = Directory.Exists(path) ? Path.Combine(path, QuayTypes.ConfigKey) : path;
        if (!File.Exists(file))
            throw new FileNotFoundException($"There is no {file}. Give Quay's {QuayTypes.ConfigKey}, or the directory that has one (conf/stack).", file);
        QuayConfig config;
        try
        {
            config = QuayConfig.Parse(await File.ReadAllTextAsync(file, cancellationToken));
        }
        catch (FormatException e)
        {
            throw new FormatException($"{file}: {e.Message}", e);
        }

        var host = config.Scalar("SERVER_HOSTNAME");
        return Configured(config, null) with { Name = host ?? Path.GetFileName(file), ConfigurationPath = Path.GetFullPath(file), Endpoint = EndpointOf(config) };
    }

    /// <summary>The storage locations of a config bundle, also of one that is not in use any more: those it names, or the operator's where it names none.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="namespace">The bundle's namespace.</param>
    /// <param name="bundle">The bundle.</param>
    /// <param name="name">The QuayRegistry, for storage that the operator owns; null where it is the only one of the namespace.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ClusterException">There is no such Secret, no configuration that can be read in it, or no claim of the operator's.</exception>
    public static async Task<IReadOnlyList<QuayStorageLocation>> ReadBundleAsync(IKubernetesClient client, string @namespace, string bundle, string? name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        var secret = await client.GetAsync(ResourceTypes.Secrets, @namespace, bundle, cancellationToken);
        var config = QuaySources.ConfigOf(secret) ?? throw new ClusterException(ClusterErrorKind.Configuration, $"The Secret {bundle} in {@namespace} has no {QuayTypes.ConfigKey} that can be read. Name a config bundle of Quay.") { Target = bundle };
        if (Configured(config, null).Locations is { Count: > 0 } named)
            return named;
        return [await ClaimedBucket.ReadAsync(client, @namespace, name ?? (await QuayFinder.FindAsync(client, @namespace, null, cancellationToken)).Name, cancellationToken)];
    }

    /// <summary>What sources say.</summary>
    internal static QuayRegistry Of(IKubernetesClient client, QuaySources sources)
    {
        var registry = sources.Registry;
        return Configured(sources.Config, sources.Deployment) with
        {
            Name = registry.Name,
            Namespace = registry.Namespace,
            Cluster = client.Cluster,
            Version = Filled(registry.Text("status", "currentVersion")),
            Endpoint = Filled(registry.Text("status", "registryEndpoint")) ?? (sources.Config is { } config ? EndpointOf(config) : null),
            ConfigBundle = sources.BundleName,
            RenderedConfig = sources.RenderedName,
            IsStorageManaged = sources.IsStorageManaged,
            Conditions = ConditionReader.Read(registry),
            Deployment = RolloutReader.Read(sources.Deployment),
            Unread = sources.Unread,
        };
    }

    private static QuayRegistry Configured(QuayConfig? config, Resource? deployment)
    {
        var entries = config?.At("DISTRIBUTED_STORAGE_CONFIG") as JsonObject ?? [];
        var preference = PreferenceOf(config, deployment, entries);
        return new QuayRegistry
        {
            Name = "",
            State = config is null ? QuayState.Normal : QuayStates.Of(config),
            ProxyStorage = config?.Flag("FEATURE_PROXY_STORAGE") ?? false,
            Preference = preference,
            DefaultLocations = Texts(config?.At("DISTRIBUTED_STORAGE_DEFAULT_LOCATIONS")),
            Locations = [.. entries.Select(entry => DriverStores.Read(entry.Key, entry.Value, preference is [var first, ..] && entry.Key == first))],
        };
    }

    // app.py: a variable of the pods wins; storage/__init__.py: without a preference it is the configuration's order.
    private static IReadOnlyList<string> PreferenceOf(QuayConfig? config, Resource? deployment, JsonObject entries)
    {
        if (deployment is not null && PodTemplate.Variable(deployment, "QUAY_DISTRIBUTED_STORAGE_PREFERENCE")?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } given)
            return given;
        return Texts(config?.At("DISTRIBUTED_STORAGE_PREFERENCE")) is { Count: > 0 } preference ? preference : [.. entries.Select(entry => entry.Key)];
    }

    // config.py: the scheme is http where nothing is said.
    private static string? EndpointOf(QuayConfig config) => config.Scalar("SERVER_HOSTNAME") is { Length: > 0 } host ? $"{config.Scalar("PREFERRED_URL_SCHEME") ?? "http"}://{host}" : null;

    private static IReadOnlyList<string> Texts(JsonNode? list) => [.. (list as JsonArray ?? []).OfType<JsonValue>().Select(item => item.ToString())];

    private static string? Filled(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
