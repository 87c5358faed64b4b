namespace RegistryMigration.Clusters.Kubernetes.Watching;

/// <summary>The objects that a watch has told of, so that a new list tells only of differences, deletions included.</summary>
internal sealed class KnownObjects
{
    private readonly Dictionary<(string? Namespace, string Name), Resource> _objects = [];

    /// <summary>Takes a list as what is there, and says what differs.</summary>
    public IReadOnlyList<WatchEvent> Replace(IReadOnlyList<Resource> items)
    {
        var changes = new List<WatchEvent>();
        var gone = new HashSet<(string?, string)>(_objects.Keys);
        foreach (var item in items)
        {
            var key = (item.Namespace, item.Name);
            gone.Remove(key);
            var known = _objects.GetValueOrDefault(key);
            if (known is not null && known.Uid != item.Uid)
            {
                // Deleted and made again meanwhile: it is another object.
                changes.Add(new WatchEvent(WatchEventKind.Deleted, known));
                known = null;
            }

            if (known is null)
                changes.Add(new WatchEvent(WatchEventKind.Added, item));
            else if (known.ResourceVersion != item.ResourceVersion)
                changes.Add(new WatchEvent(WatchEventKind.Modified, item));
            _objects[key] = item;
        }

        foreach (var key in gone)
        {
            _objects.Remove(key, out var last);
            changes.Add(new WatchEvent(WatchEventKind.Deleted, last));
        }

        return changes;
    }

    /// <summary>Takes one change.</summary>
    public void Apply(WatchEvent change)
    {
        var key = (change.Resource!.Namespace, change.Resource.Name);
        if (change.Kind == WatchEventKind.Deleted)
            _objects.Remove(key);
        else
            _objects[key] = change.Resource;
    }
}
