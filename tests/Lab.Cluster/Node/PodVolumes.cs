using System.Text;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Makes a pod's volumes: claims are directories that stay, everything else lies in the pod's folder.</summary>
internal sealed class PodVolumes(KubeApi api, LabState lab, Resource pod, string folder)
{
    /// <summary>The directory of each volume by its name.</summary>
    /// <exception cref="MountException">A claim, Secret or ConfigMap is not there yet.</exception>
    public async Task<IReadOnlyDictionary<string, string>> MakeAsync(CancellationToken cancellationToken)
    {
        var made = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var volume in pod.Items("spec", "volumes").OfType<JsonObject>())
        {
            var name = volume["name"]!.GetValue<string>();
            var directory = Path.Combine(folder, "volumes", name);
            if (volume["persistentVolumeClaim"] is JsonObject claim)
                directory = Path.Combine(lab.Claims, pod.Namespace!, claim["claimName"]!.GetValue<string>());
            else
                await FillAsync(volume, directory, cancellationToken);
            Directory.CreateDirectory(directory);
            made[name] = directory;
        }
        return made;
    }

    private async Task FillAsync(JsonObject volume, string directory, CancellationToken cancellationToken)
    {
        if (volume["secret"] is JsonObject secret)
            await WriteAsync("secrets", secret["secretName"]!.GetValue<string>(), secret, directory, cancellationToken);
        else if (volume["configMap"] is JsonObject map)
            await WriteAsync("configmaps", map["name"]!.GetValue<string>(), map, directory, cancellationToken);
        else if (volume["projected"]?["sources"] is JsonArray sources)
            foreach (var source in sources)
                if (source?["secret"] is JsonObject projected)
                    await WriteAsync("secrets", projected["name"]!.GetValue<string>(), projected, directory, cancellationToken);
                else if (source?["configMap"] is JsonObject projectedMap)
                    await WriteAsync("configmaps", projectedMap["name"]!.GetValue<string>(), projectedMap, directory, cancellationToken);
    }

    private async Task WriteAsync(string plural, string name, JsonObject volume, string directory, CancellationToken cancellationToken)
    {
        var source = await api.FindAsync($"/api/v1/namespaces/{pod.Namespace}/{plural}/{name}", cancellationToken);
        if (source is null && volume["optional"]?.GetValue<bool>() != true)
            throw new MountException($"{plural[..^1]} \"{name}\" not found");
        var data = Data(source, plural == "secrets");
        var items = (volume["items"] as JsonArray)?.OfType<JsonObject>().ToDictionary(item => item["key"]!.GetValue<string>(), item => item["path"]!.GetValue<string>(), StringComparer.Ordinal)
            ?? data.Keys.ToDictionary(key => key, StringComparer.Ordinal);
        Directory.CreateDirectory(directory);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var (key, path) in items)
        {
            if (!data.TryGetValue(key, out var content))
                throw new MountException($"{plural[..^1]} \"{name}\" references non-existent key: {key}");
            var file = Path.Combine(directory, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllBytesAsync(file, content, cancellationToken);
        }
    }

    /// <summary>What a Secret or ConfigMap holds.</summary>
    public static Dictionary<string, byte[]> Data(Resource? source, bool secret)
    {
        var data = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (key, value) in source?.Section("data") ?? [])
            data[key] = secret ? Convert.FromBase64String(value!.GetValue<string>()) : Encoding.UTF8.GetBytes(value!.GetValue<string>());
        foreach (var (key, value) in source?.Section("binaryData") ?? [])
            data[key] = Convert.FromBase64String(value!.GetValue<string>());
        return data;
    }
}

/// <summary>A volume can't be mounted yet.</summary>
internal sealed class MountException(string message) : Exception(message);
