using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>The variables of a container as a kubelet resolves them.</summary>
internal sealed partial class PodEnvironment(KubeApi api, Resource pod, int? completionIndex)
{
    /// <summary>Name and value, mount paths not yet replaced.</summary>
    /// <exception cref="MountException">A Secret, a ConfigMap or a key of one is not there.</exception>
    public async Task<Dictionary<string, string>> ResolveAsync(JsonObject container, CancellationToken cancellationToken)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        if (completionIndex is { } index)
            variables["JOB_COMPLETION_INDEX"] = $"{index}";
        foreach (var from in (container["envFrom"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var prefix = from["prefix"]?.GetValue<string>();
            var source = (from["secretRef"] ?? from["configMapRef"]) as JsonObject;
            foreach (var (key, value) in await ReadAsync(source!, from["secretRef"] is not null, cancellationToken) ?? [])
                variables[prefix + key] = Encoding.UTF8.GetString(value);
        }
        foreach (var variable in (container["env"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var value = variable["valueFrom"] is JsonObject from ? await FromAsync(from, cancellationToken) : Expand(variable["value"]?.GetValue<string>() ?? "", variables);
            if (value is not null)
                variables[variable["name"]!.GetValue<string>()] = value;
        }
        return variables;
    }

    /// <summary><c>$(NAME)</c> becomes the variable's value, <c>$$</c> a dollar; an unknown name stays as it is.</summary>
    public static string Expand(string text, IReadOnlyDictionary<string, string> variables) => Reference().Replace(text, match =>
        match.Value == "$$" ? "$" : variables.TryGetValue(match.Groups[1].Value, out var value) ? value : match.Value);

    private async Task<string?> FromAsync(JsonObject from, CancellationToken cancellationToken)
    {
        if (from["fieldRef"]?["fieldPath"]?.GetValue<string>() is { } field)
            return Field(field);
        var secret = from["secretKeyRef"] is not null;
        if ((from["secretKeyRef"] ?? from["configMapKeyRef"]) is not JsonObject reference)
            return null;
        var key = reference["key"]!.GetValue<string>();
        var data = await ReadAsync(reference, secret, cancellationToken);
        if (data is not null && data.TryGetValue(key, out var value))
            return Encoding.UTF8.GetString(value);
        return reference["optional"]?.GetValue<bool>() == true ? null : throw new MountException($"couldn't find key {key} in {(secret ? "Secret" : "ConfigMap")} {pod.Namespace}/{reference["name"]}");
    }

    private async Task<Dictionary<string, byte[]>?> ReadAsync(JsonObject reference, bool secret, CancellationToken cancellationToken)
    {
        var name = reference["name"]!.GetValue<string>();
        var source = await api.FindAsync($"/api/v1/namespaces/{pod.Namespace}/{(secret ? "secrets" : "configmaps")}/{name}", cancellationToken);
        if (source is not null)
            return PodVolumes.Data(source, secret);
        return reference["optional"]?.GetValue<bool>() == true ? null : throw new MountException($"{(secret ? "secret" : "configmap")} \"{name}\" not found");
    }

    private string? Field(string path)
    {
        if (KeyOf().Match(path) is { Success: true } match)
            return pod.Text("metadata", match.Groups[1].Value, match.Groups[2].Value) ?? (match.Groups[2].Value == PodJob.IndexAnnotation ? $"{completionIndex}" : "");
        return pod.Text(path.Split('.')) ?? (path == "status.podIP" || path == "status.hostIP" ? "127.0.0.1" : "");
    }

    [GeneratedRegex(@"\$\$|\$\(([-._a-zA-Z][-._a-zA-Z0-9]*)\)")]
    private static partial Regex Reference();

    [GeneratedRegex(@"^metadata\.(labels|annotations)\['(.+)'\]$")]
    private static partial Regex KeyOf();
}
