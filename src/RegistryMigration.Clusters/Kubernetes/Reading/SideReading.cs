using System.Collections.Concurrent;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Reading;

/// <summary>Reads what is good to know beside the main object: what this account may not read, or the cluster does not serve, is noted and left out.</summary>
internal sealed class SideReading(IKubernetesClient client)
{
    private readonly ConcurrentDictionary<string, byte> _unread = new(StringComparer.Ordinal);

    /// <summary>What could not be read, with the reason.</summary>
    public IReadOnlyList<string> Unread => [.. _unread.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The object; not known where it may not be read.</summary>
    public async Task<SideResult> FindAsync(ResourceType type, string? @namespace, string name, CancellationToken cancellationToken)
    {
        try
        {
            return new SideResult(true, await client.FindAsync(type, @namespace, name, cancellationToken));
        }
        catch (ClusterException e) when (IsAside(e))
        {
            Note($"{type}/{name}", e);
            return new SideResult(false, null);
        }
    }

    /// <summary>The objects; empty where they may not be listed.</summary>
    public async Task<IReadOnlyList<Resource>> ListAsync(ResourceType type, string? @namespace, ListOptions options, CancellationToken cancellationToken)
    {
        var found = new List<Resource>();
        try
        {
            await foreach (var resource in client.ListAsync(type, @namespace, options, cancellationToken))
                found.Add(resource);
        }
        catch (ClusterException e) when (IsAside(e))
        {
            Note($"{type}", e);
        }

        return found;
    }

    private static bool IsAside(ClusterException e) => e.Kind is ClusterErrorKind.Denied or ClusterErrorKind.NotServed;

    private void Note(string what, ClusterException e) => _unread[$"{what}: {(e.Kind == ClusterErrorKind.Denied ? "not allowed" : "not served")}"] = 0;
}

/// <summary>What came of looking for an object.</summary>
/// <param name="Known">Whether it could be looked for.</param>
/// <param name="Resource">The object; null where there is none.</param>
internal readonly record struct SideResult(bool Known, Resource? Resource);
