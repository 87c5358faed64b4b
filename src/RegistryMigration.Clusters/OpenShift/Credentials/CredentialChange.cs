using System.Text;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Credentials;

/// <summary>Writes the administrator's storage credentials: the secret that wins over all others.</summary>
public sealed class CredentialChange
{
    private readonly CredentialKeys _keys;
    private readonly bool _removeOther;

    /// <summary>A change.</summary>
    /// <param name="keys">The credentials.</param>
    /// <param name="removeOther">Whether to take keys of other storage types away.</param>
    public CredentialChange(CredentialKeys keys, bool removeOther) => (_keys, _removeOther) = (keys, removeOther);

    /// <summary>Says what would be done, and changes nothing.</summary>
    public async Task<RegistryCredentialChange> TryAsync(IKubernetesClient client, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        return Plan(client, await FindAsync(client, cancellationToken));
    }

    /// <summary>Writes the credentials. Where they are there already nothing is written, so that no pod is restarted.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.Conflict"/> when somebody else writes at the same time; else as the API server says.</exception>
    public async Task<RegistryCredentialChange> ApplyAsync(IKubernetesClient client, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        var secret = await FindAsync(client, cancellationToken);
        var plan = Plan(client, secret);
        if (secret is null)
        {
            await client.CreateAsync(ResourceTypes.Secrets, ImageRegistryNames.Namespace, NewSecret(), WriteOptions.Default, cancellationToken);
            return plan with { Applied = true };
        }

        if (plan.Removed.Count == 0 && _keys.Values.All(value => secret.Text("data", value.Key) == Encode(value.Value)))
            return plan with { Written = [] };
        try
        {
            await client.PatchAsync(ResourceTypes.Secrets, ImageRegistryNames.Namespace, ImageRegistryNames.UserSecret, ToPatch(secret, plan.Removed), WriteOptions.Default, cancellationToken);
        }
        catch (ClusterException e) when (e.Kind is ClusterErrorKind.Conflict or ClusterErrorKind.Invalid)
        {
            if ((await FindAsync(client, cancellationToken))?.ResourceVersion == secret.ResourceVersion)
                throw;
            // No retry: the other writer's credentials would be half replaced by ours without anybody having looked.
            throw new ClusterException(ClusterErrorKind.Conflict, $"Somebody else changed {plan.Secret} meanwhile. Look at its keys with Get-ImageRegistry, then run the same command again.")
            { Target = $"{ResourceTypes.Secrets}/{plan.Secret}" };
        }

        return plan with { Applied = true };
    }

    /// <summary>What to know about these credentials in a registry with this storage.</summary>
    public static IEnumerable<string> Warnings(RegistryCredentialChange change, ImageRegistryStorage storage)
    {
        ArgumentNullException.ThrowIfNull(change);
        ArgumentNullException.ThrowIfNull(storage);
        if (change.Leftover.Count > 0)
            yield return $"{change.Secret} still holds keys of another storage type ({string.Join(", ", change.Leftover)}). With that storage type they win over what the cluster made; repeat with -RemoveOther to take them away.";
        if (storage.Kind is not BackendKind.None && storage.Kind != change.Backend)
            yield return $"The registry keeps its images on {storage}: these credentials are for {change.Backend} and are used after a switch only.";
        // swift.go: with the administrator's secret nothing comes from clouds.yaml any more, the address included.
        if (change.Backend == BackendKind.Swift && storage.Kind == BackendKind.Swift && !storage.Settings.ContainsKey("authURL"))
            yield return "With this secret the operator no longer reads clouds.yaml, and the configuration names no Keystone. Set it with Set-ImageRegistry -SwiftAuthUrl, and -SwiftDomain, -SwiftTenant and -SwiftRegion as the cloud needs them.";
    }

    private static async Task<Resource?> FindAsync(IKubernetesClient client, CancellationToken cancellationToken) =>
        await client.FindAsync(ResourceTypes.Secrets, ImageRegistryNames.Namespace, ImageRegistryNames.UserSecret, cancellationToken);

    private RegistryCredentialChange Plan(IKubernetesClient client, Resource? secret)
    {
        var there = secret is null ? [] : CredentialReader.KeysOf(secret);
        var others = there.Where(key => Backends.OfSecretKey(key) is { } kind && kind != _keys.Backend).ToList();
        // Another way to log in to the same storage: the operator would use both at once.
        var stale = there.Where(key => Backends.OfSecretKey(key) == _keys.Backend && !_keys.Values.ContainsKey(key));
        return new RegistryCredentialChange
        {
            Cluster = client.Cluster,
            Secret = ImageRegistryNames.UserSecret,
            Backend = _keys.Backend,
            Created = secret is null,
            Written = [.. _keys.Values.Keys.Order(StringComparer.Ordinal)],
            Removed = [.. stale.Concat(_removeOther ? others : []).Order(StringComparer.Ordinal)],
            Leftover = _removeOther ? [] : others,
        };
    }

    private JsonObject NewSecret() => new()
    {
        ["metadata"] = new JsonObject { ["name"] = ImageRegistryNames.UserSecret },
        ["type"] = "Opaque",
        ["data"] = new JsonObject(_keys.Values.Select(value => KeyValuePair.Create(value.Key, (JsonNode?)Encode(value.Value)))),
    };

    private Patch ToPatch(Resource secret, IReadOnlyList<string> removed)
    {
        List<JsonObject> operations = [Patch.UnchangedSince(secret)];
        if (secret.Section("data") is null)
            operations.Add(Patch.Operation("add", "/data", new JsonObject()));
        operations.AddRange(_keys.Values.Select(value => Patch.Operation("add", $"/data/{value.Key}", Encode(value.Value))));
        operations.AddRange(removed.Select(key => new JsonObject { ["op"] = "remove", ["path"] = $"/data/{key}" }));
        return Patch.Operations(operations);
    }

    private static string Encode(Secret secret) => Convert.ToBase64String(Encoding.UTF8.GetBytes(secret.Reveal()));
}
