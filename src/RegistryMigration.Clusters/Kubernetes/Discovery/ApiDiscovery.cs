using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes.Requests;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Discovery;

/// <summary>Finds out what a cluster serves, and remembers what it found. What is missing is asked for again: a CRD may be installed meanwhile.</summary>
internal sealed class ApiDiscovery(ApiTransport transport)
{
    private readonly ConcurrentDictionary<(string Group, string Plural), ResourceType> _found = new();

    public async Task<ResourceType?> FindAsync(string group, string plural, CancellationToken cancellationToken)
    {
        if (_found.TryGetValue((group, plural), out var known))
            return known;
        foreach (var version in await VersionsAsync(group, cancellationToken))
        {
            if (await TryAsync(ApiPaths.Root(group, version), cancellationToken) is not { } list)
                continue;
            foreach (var served in list.Items("resources").OfType<JsonObject>().Select(item => new Resource(item)))
            {
                if (served.Text("name") == plural)
                    return _found[(group, plural)] = new ResourceType(group, version, plural, served.Text("kind") ?? "", served.Flag("namespaced") ?? false);
            }
        }

        return null;
    }

    // The preferred version first.
    private async Task<IReadOnlyList<string>> VersionsAsync(string group, CancellationToken cancellationToken)
    {
        if (group.Length == 0)
            return ["v1"];
        if (await TryAsync($"/apis/{Uri.EscapeDataString(group)}", cancellationToken) is not { } found)
            return [];
        string?[] versions = [found.Text("preferredVersion", "version"), .. found.Items("versions").OfType<JsonObject>().Select(version => (string?)version["version"])];
        return [.. versions.OfType<string>().Distinct(StringComparer.Ordinal)];
    }

    private async Task<Resource?> TryAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await transport.SendAsync(new ApiRequest { Method = HttpMethod.Get, Verb = "get", Path = path, IsRead = true }, cancellationToken);
        }
        catch (ClusterException e) when (e.Kind == ClusterErrorKind.NotFound)
        {
            return null;
        }
    }
}
