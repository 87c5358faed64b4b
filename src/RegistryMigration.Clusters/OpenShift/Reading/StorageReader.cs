using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes.Reading;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Reading;

/// <summary>Reads a storage section of the configuration (<c>spec.storage</c> or <c>status.storage</c>).</summary>
public static class StorageReader
{
    /// <summary>The storage; the first type where several are set, with their number.</summary>
    public static ImageRegistryStorage Read(JsonObject? section)
    {
        var types = (section ?? []).Where(pair => pair.Value is JsonObject && Backends.OfField(pair.Key) is not null).ToList();
        var state = section?["managementState"] is { } node ? JsonText.Show(node) : null;
        if (types.Count == 0)
            return new ImageRegistryStorage { Kind = BackendKind.None, ManagementState = state };
        var (field, value) = types[0];
        var kind = Backends.OfField(field)!.Value;
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        Flatten((JsonObject)value!, "", settings);
        return new ImageRegistryStorage
        {
            Kind = kind,
            ManagementState = string.IsNullOrEmpty(state) ? null : state,
            Location = Backends.LocationFieldOf(kind) is { } name && settings.TryGetValue(name, out var location) && location.Length > 0 ? location : null,
            Settings = settings,
            TypeCount = types.Count,
        };
    }

    private static void Flatten(JsonObject section, string prefix, Dictionary<string, string> settings)
    {
        foreach (var (name, value) in section)
        {
            if (value is JsonObject inner)
                Flatten(inner, $"{prefix}{name}.", settings);
            else if (value is not null)
                settings[prefix + name] = JsonText.Show(value);
        }
    }
}
