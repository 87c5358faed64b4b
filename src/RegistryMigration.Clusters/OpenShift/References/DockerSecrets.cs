using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.References;

/// <summary>Finds and changes the registries that docker secrets have credentials for. Only names of registries leave this class.</summary>
internal static class DockerSecrets
{
    private const string Old = ".dockercfg";
    private const string New = ".dockerconfigjson";

    /// <summary>One place for each registry.</summary>
    public static IEnumerable<ReferencePlace> Places(Resource secret)
    {
        if (KeyOf(secret) is not { } key || Read(secret, key) is not { } registries)
            return [];
        var @fixed = secret.Flag("immutable") == true ? "the secret is immutable: delete it and create it anew" : null;
        return registries.Select(registry => new ReferencePlace(["data", key, registry.Key], registry.Key, Fixed: @fixed));
    }

    /// <summary>The operation that renames registries.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="names">New names by old ones.</param>
    public static JsonObject Rename(Resource secret, IReadOnlyDictionary<string, string> names)
    {
        var key = KeyOf(secret)!;
        var document = Parse(secret, key)!;
        var registries = key == New ? (JsonObject)document["auths"]! : document;
        var renamed = new JsonObject(registries.Select(registry => KeyValuePair.Create(names.GetValueOrDefault(registry.Key, registry.Key), registry.Value?.DeepClone())).ToList());
        if (key == New)
            document["auths"] = renamed;
        else
            document = renamed;
        return Patch.Operation("replace", $"/data/{key}", Convert.ToBase64String(Encoding.UTF8.GetBytes(document.ToJsonString())));
    }

    private static string? KeyOf(Resource secret) => secret.Text("type") switch
    {
        "kubernetes.io/dockercfg" => Old,
        "kubernetes.io/dockerconfigjson" => New,
        _ => null,
    };

    private static JsonObject? Read(Resource secret, string key) => Parse(secret, key) is { } document ? key == New ? document["auths"] as JsonObject : document : null;

    private static JsonObject? Parse(Resource secret, string key)
    {
        if (secret.Text("data", key) is not { } data)
            return null;
        try
        {
            return JsonNode.Parse(Convert.FromBase64String(data)) as JsonObject;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            // No inner exception: it quotes what it can't read.
            throw new ClusterException(ClusterErrorKind.Invalid, $"{ResourceTypes.Secrets}/{secret.Name} in {secret.Namespace} is no docker configuration: its {key} is not JSON. It was left as it is.");
        }
    }
}
