using System.Globalization;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Clusters.Tests.Support;

/// <summary>The objects of a <see cref="FakeKubernetes"/> and the rules by which they change.</summary>
internal sealed class FakeObjects
{
    private readonly object _gate = new();
    private readonly SortedDictionary<string, (ResourceType Type, Resource Resource)> _stored = new(StringComparer.Ordinal);
    private readonly List<FakeFeed> _feeds = [];
    private long _version = 100;

    public IReadOnlyList<ResourceType> Types
    {
        get
        {
            lock (_gate)
                return [.. _stored.Values.Select(entry => entry.Type).Distinct()];
        }
    }

    public Resource? Find(ResourceType type, string? @namespace, string name)
    {
        lock (_gate)
            return _stored.TryGetValue(Key(type, @namespace, name), out var found) ? Copy(found.Resource.Json) : null;
    }

    public IReadOnlyList<Resource> List(ResourceType type, string? @namespace, ListOptions options)
    {
        lock (_gate)
            return [.. Matching(type, @namespace, options)];
    }

    /// <summary>Stores as it is, status included.</summary>
    public Resource Put(ResourceType type, string? @namespace, JsonObject value)
    {
        lock (_gate)
            return Store(type, @namespace, value, keepStatus: false, dryRun: false);
    }

    public void Remove(ResourceType type, string? @namespace, string name)
    {
        lock (_gate)
        {
            if (!_stored.Remove(Key(type, @namespace, name), out var gone))
                return;
            var last = Copy(gone.Resource.Json);
            last.Json["metadata"]!["resourceVersion"] = Next();
            Tell(type, gone.Resource, last, deleted: true);
        }
    }

    public Resource Create(ResourceType type, string? @namespace, JsonObject value, bool dryRun)
    {
        var named = value.DeepClone().AsObject();
        var metadata = (JsonObject)(named["metadata"] ??= new JsonObject());
        lock (_gate)
        {
            if (metadata["name"] is null && (string?)metadata["generateName"] is { } prefix)
                metadata["name"] = prefix + Next();
            var name = (string?)metadata["name"] ?? throw FakeErrors.Invalid(type, @namespace, "", "name or generateName is required");
            if (_stored.ContainsKey(Key(type, @namespace, name)))
                throw FakeErrors.Conflict(type, @namespace, name, "AlreadyExists");
            named.Remove("status");
            return Store(type, @namespace, named, keepStatus: true, dryRun);
        }
    }

    public Resource Replace(ResourceType type, string? @namespace, JsonObject value, bool dryRun)
    {
        var name = (string?)value["metadata"]?["name"] ?? throw FakeErrors.Invalid(type, @namespace, "", "name is required");
        lock (_gate)
        {
            var current = Existing(type, @namespace, name);
            CheckVersion(type, @namespace, current, (string?)value["metadata"]?["resourceVersion"]);
            return Store(type, @namespace, value, keepStatus: true, dryRun);
        }
    }

    public Resource Patch(ResourceType type, string? @namespace, string name, Patch patch, bool dryRun)
    {
        lock (_gate)
        {
            if (patch.Kind == PatchKind.Apply && !_stored.ContainsKey(Key(type, @namespace, name)))
                return Create(type, @namespace, patch.Body.AsObject(), dryRun);
            var current = Existing(type, @namespace, name);
            JsonObject changed;
            try
            {
                changed = patch.Kind == PatchKind.Json ? JsonPatches.Apply(current.Json, patch.Body.AsArray()) : JsonPatches.Merge(current.Json, patch.Body.AsObject());
            }
            catch (FormatException e)
            {
                throw FakeErrors.Invalid(type, @namespace, name, e.Message);
            }

            CheckVersion(type, @namespace, current, (string?)changed["metadata"]?["resourceVersion"]);
            return Store(type, @namespace, patch.Subresource is "status" ? OnlyStatus(current, changed) : changed, keepStatus: patch.Subresource is not "status", dryRun);
        }
    }

    public bool Delete(ResourceType type, string? @namespace, string name, DeleteOptions options)
    {
        lock (_gate)
        {
            if (!_stored.TryGetValue(Key(type, @namespace, name), out var found))
                return false;
            if ((options.Uid is { } uid && uid != found.Resource.Uid) || (options.ResourceVersion is { } version && version != found.Resource.ResourceVersion))
                throw FakeErrors.Conflict(type, @namespace, name);
            if (options.DryRun)
                return true;
            if (!found.Resource.Items("metadata", "finalizers").Any())
            {
                Remove(type, @namespace, name);
                return true;
            }

            var marked = found.Resource.Json.DeepClone().AsObject();
            marked["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:00Z";
            Store(type, @namespace, marked, keepStatus: false, dryRun: false);
            return true;
        }
    }

    public FakeFeed Watch(ResourceType type, string? @namespace, ListOptions options)
    {
        lock (_gate)
        {
            var feed = new FakeFeed(type, @namespace, options, gone =>
            {
                lock (_gate)
                    _feeds.Remove(gone);
            });
            foreach (var resource in Matching(type, @namespace, options))
                feed.Send(new WatchEvent(WatchEventKind.Added, resource));
            feed.Send(new WatchEvent(WatchEventKind.Synced, null));
            _feeds.Add(feed);
            return feed;
        }
    }

    private Resource Store(ResourceType type, string? @namespace, JsonObject value, bool keepStatus, bool dryRun)
    {
        // Written and read again, as on a wire: numbers lose their .NET type.
        var next = JsonNode.Parse(value.ToJsonString())!.AsObject();
        var metadata = (JsonObject)next["metadata"]!;
        var name = (string)metadata["name"]!;
        var key = Key(type, @namespace, name);
        var before = _stored.TryGetValue(key, out var found) ? found.Resource : null;
        next["apiVersion"] = type.ApiVersion;
        next["kind"] = type.Kind;
        if (@namespace is not null)
            metadata["namespace"] = @namespace;
        if (keepStatus && before is not null)
        {
            next.Remove("status");
            if (before.Section("status") is { } status)
                next["status"] = status.DeepClone();
        }

        metadata["uid"] = before?.Uid ?? $"uid-{Next()}";
        metadata["resourceVersion"] = before?.ResourceVersion;
        metadata["generation"] = before is null ? 1 : before.Generation + (SameSpec(before.Json, next) ? 0 : 1);
        if (before is not null && JsonNode.DeepEquals(Copy(next).Json, before.Json))
            return Copy(next);
        if (dryRun)
            return Copy(next);
        metadata["resourceVersion"] = Next();
        var stored = Copy(next);
        // As an API server does: what waited for its last finalizer goes with it.
        if (stored.Text("metadata", "deletionTimestamp") is not null && !stored.Items("metadata", "finalizers").Any())
        {
            _stored.Remove(key);
            Tell(type, before, stored, deleted: true);
            return Copy(next);
        }

        _stored[key] = (type, stored);
        Tell(type, before, stored, deleted: false);
        return Copy(next);
    }

    private void Tell(ResourceType type, Resource? before, Resource after, bool deleted)
    {
        foreach (var feed in _feeds)
        {
            if (feed.Type == type && (feed.Namespace is null || feed.Namespace == after.Namespace))
                feed.Tell(before, Copy(after.Json), deleted);
        }
    }

    private IEnumerable<Resource> Matching(ResourceType type, string? @namespace, ListOptions options) =>
        _stored.Values.Where(entry => entry.Type == type && (@namespace is null || entry.Resource.Namespace == @namespace) && Selectors.Match(entry.Resource, options)).Select(entry => Copy(entry.Resource.Json));

    private Resource Existing(ResourceType type, string? @namespace, string name) =>
        _stored.TryGetValue(Key(type, @namespace, name), out var found) ? found.Resource : throw FakeErrors.NotFound(type, @namespace, name);

    private string Next() => (++_version).ToString(CultureInfo.InvariantCulture);

    private static void CheckVersion(ResourceType type, string? @namespace, Resource current, string? given)
    {
        if (given is not null && given != current.ResourceVersion)
            throw FakeErrors.Conflict(type, @namespace, current.Name);
    }

    private static JsonObject OnlyStatus(Resource current, JsonObject changed)
    {
        var result = current.Json.DeepClone().AsObject();
        result["status"] = changed["status"]?.DeepClone();
        return result;
    }

    private static bool SameSpec(JsonObject before, JsonObject after) =>
        before.Concat(after).Select(part => part.Key).Where(name => name is not ("metadata" or "status")).All(name => JsonNode.DeepEquals(before[name], after[name]));

    private static Resource Copy(JsonObject json) => new(JsonNode.Parse(json.ToJsonString())!.AsObject());

    private static string Key(ResourceType type, string? @namespace, string name) => $"{type}\n{@namespace}\n{name}";
}
