using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Clusters.OpenShift.Convergence;

/// <summary>What the watches have told so far.</summary>
internal sealed class ConvergenceState
{
    private readonly Dictionary<ResourceType, Dictionary<string, Resource>> _objects = [];
    private readonly HashSet<ResourceType> _unsynced = [];
    private readonly HashSet<ResourceType> _unread = [];

    public ConvergenceState(IEnumerable<ResourceType> types)
    {
        foreach (var type in types)
        {
            _objects[type] = new Dictionary<string, Resource>(StringComparer.Ordinal);
            _unsynced.Add(type);
        }
    }

    /// <summary>Whether every watch has told of all that is there.</summary>
    public bool IsSynced => _unsynced.Count == 0;

    /// <summary>Types that this account may not watch.</summary>
    public IReadOnlyCollection<ResourceType> Unread => _unread;

    public Resource? Find(ResourceType type, string name) => _objects.TryGetValue(type, out var objects) ? objects.GetValueOrDefault(name) : null;

    public void Take(ResourceType type, WatchEvent told)
    {
        switch (told)
        {
            case { Kind: WatchEventKind.Synced }:
                _unsynced.Remove(type);
                break;
            case { Kind: WatchEventKind.Deleted, Resource: { } resource }:
                _objects[type].Remove(resource.Name);
                break;
            case { Resource: { } resource }:
                _objects[type][resource.Name] = resource;
                break;
        }
    }

    public void GiveUp(ResourceType type)
    {
        _unread.Add(type);
        _unsynced.Remove(type);
    }
}
