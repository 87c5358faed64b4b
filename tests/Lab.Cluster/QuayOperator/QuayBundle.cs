using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using YamlDotNet.Serialization;

namespace RegistryMigration.Lab.Cluster;

/// <summary>The administrator's bundle: what of it contradicts the components, and what pods get of it.</summary>
internal sealed class QuayBundle
{
    // Fields() of config-tool's field groups: one of them in config.yaml is a configuration of the component.
    private static readonly Dictionary<string, string[]> Fields = new(StringComparer.Ordinal)
    {
        ["objectstorage"] = ["DISTRIBUTED_STORAGE_CONFIG", "DISTRIBUTED_STORAGE_PREFERENCE", "DISTRIBUTED_STORAGE_DEFAULT_LOCATIONS", "FEATURE_STORAGE_REPLICATION"],
        ["route"] = ["EXTERNAL_TLS_TERMINATION", "PREFERRED_URL_SCHEME", "SERVER_HOSTNAME"],
        ["postgres"] = ["DB_URI", "DB_CONNECTION_ARGS"],
        ["redis"] = ["BUILDLOGS_REDIS", "USER_EVENTS_REDIS"],
        ["mirror"] = ["FEATURE_REPO_MIRROR", "REPO_MIRROR_INTERVAL", "REPO_MIRROR_SERVER_HOSTNAME", "REPO_MIRROR_TLS_VERIFY"],
    };

    private static readonly string[] RequiredComponents = ["postgres", "objectstorage", "route", "redis", "tls"];
    private static readonly string[] ConfigurableWhenManaged = ["route", "mirror", "redis"];

    private readonly Dictionary<string, byte[]> _files;
    private readonly JsonObject _config;

    /// <summary>Reads a bundle.</summary>
    /// <exception cref="YamlDotNet.Core.YamlException">config.yaml is no YAML.</exception>
    public QuayBundle(Dictionary<string, byte[]> files)
    {
        _files = files;
        _config = QuayConfig.Parse(Encoding.UTF8.GetString(files.GetValueOrDefault("config.yaml", [])));
    }

    /// <summary>The host that the configuration names.</summary>
    public string? Hostname => _config["SERVER_HOSTNAME"]?.ToString();

    /// <summary>What keeps the operator from a rollout: hasNecessaryConfig in controllers/quay/quayregistry_controller.go. Null where nothing does.</summary>
    public string? Objection(IEnumerable<JsonNode> components)
    {
        foreach (var component in components)
        {
            var (kind, managed) = (component["kind"]!.ToString(), component["managed"]!.GetValue<bool>());
            var has = kind == "tls" ? _files.ContainsKey("ssl.key") && _files.ContainsKey("ssl.cert") : Fields.GetValueOrDefault(kind, []).Any(_config.ContainsKey);
            if (managed && has && !ConfigurableWhenManaged.Contains(kind))
                return $"{kind} component marked as managed, but `configBundleSecret` contains required fields";
            if (!managed && !has && RequiredComponents.Contains(kind))
                return $"required component `{kind}` marked as unmanaged, but `configBundleSecret` is missing necessary fields";
        }
        return null;
    }

    /// <summary>Everything that pods get below conf/stack: the bundle's files, and config.yaml with the operator's defaults and its components'.</summary>
    public Dictionary<string, byte[]> Render(JsonObject components)
    {
        // BaseQuayConfig in pkg/kustomize/secrets.go.
        var rendered = new JsonObject { ["SETUP_COMPLETE"] = true, ["AUTHENTICATION_TYPE"] = "Database", ["DEFAULT_TAG_EXPIRATION"] = "2w", ["TAG_EXPIRATION_OPTIONS"] = new JsonArray("2w"), ["REGISTRY_TITLE"] = "Quay", ["TESTING"] = false };
        foreach (var (name, value) in _config.Concat(components))
            rendered[name] = value?.DeepClone();
        var yaml = new SerializerBuilder().WithQuotingNecessaryStrings().Build().Serialize(Plain(rendered)!);
        return new Dictionary<string, byte[]>(_files, StringComparer.Ordinal) { ["config.yaml"] = Encoding.UTF8.GetBytes(yaml) };
    }

    /// <summary>The certificates among the files: <c>extra_ca_cert_NAME</c> as NAME, and no other spelling (pkg/kustomize/kustomize.go).</summary>
    public Dictionary<string, byte[]> ExtraCertificates() =>
        _files.Where(file => file.Key.StartsWith("extra_ca_cert_", StringComparison.Ordinal)).ToDictionary(file => file.Key["extra_ca_cert_".Length..], file => file.Value, StringComparer.Ordinal);

    /// <summary>The suffix of a generated object's name, which changes with its content.</summary>
    public static string Hash(Dictionary<string, byte[]> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, content) in files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\n{content.Length}\n"));
            hash.AppendData(content);
        }
        return Convert.ToHexStringLower(hash.GetCurrentHash())[..10];
    }

    // Sorted, as Go's encoder does; comments and order are gone.
    private static object? Plain(JsonNode? node) => node switch
    {
        null => null,
        JsonObject map => new SortedDictionary<string, object?>(map.ToDictionary(member => member.Key, member => Plain(member.Value)), StringComparer.Ordinal),
        JsonArray list => list.Select(Plain).ToList(),
        _ => node.GetValueKind() switch
        {
            System.Text.Json.JsonValueKind.True => true,
            System.Text.Json.JsonValueKind.False => false,
            System.Text.Json.JsonValueKind.Number => long.TryParse(node.ToString(), CultureInfo.InvariantCulture, out var whole) ? whole : double.Parse(node.ToString(), CultureInfo.InvariantCulture),
            _ => node.ToString(),
        },
    };
}
