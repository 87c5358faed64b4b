using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Support;

/// <summary>A cluster in memory that answers as an API server does: versions, generations, conflicts, dry runs, finalizers, status as a subresource, watches.</summary>
internal sealed class FakeKubernetes : IKubernetesClient
{
    private readonly FakeObjects _objects = new();

    /// <summary>What was asked, in order, refusals included.</summary>
    public ConcurrentQueue<FakeRequest> Requests { get; } = new();

    /// <summary>What was asked and changes something.</summary>
    public IEnumerable<FakeRequest> Changes => Requests.Where(request => request.Changes);

    /// <summary>Called with each request before it is done: what it throws is the answer. Wait for what a test wants to happen meanwhile, or change objects.</summary>
    public Func<FakeRequest, Task>? Before { get; set; }

    /// <summary>Called when a request is done and before its answer: what it throws is a lost answer.</summary>
    public Func<FakeRequest, Task>? After { get; set; }

    /// <summary>Types that this cluster does not serve.</summary>
    public HashSet<ResourceType> NotServed { get; } = [];

    /// <summary>What the account may not do: <c>patch configs.imageregistry.operator.openshift.io</c>. Such requests get 403.</summary>
    public HashSet<string> Denied { get; } = [];

    /// <summary>Logs by <c>namespace/pod</c>.</summary>
    public Dictionary<string, IReadOnlyList<string>> Logs { get; } = [];

    /// <summary>Answers what is run in containers.</summary>
    public Func<string, string, ExecOptions, ExecResult> Exec { get; set; } = (_, _, _) => new ExecResult(0, "", "");

    /// <inheritdoc />
    public RegistryCluster Cluster { get; init; } = new() { Server = new Uri("https://fake.test:6443/"), Context = "fake", UserName = "tester", Version = "v1.29.0" };

    /// <summary>Puts an object there as a controller would, status included, and tells watches. Versions count up; the generation does where the spec differs.</summary>
    public Resource Put(ResourceType type, string? @namespace, string name, JsonObject value)
    {
        var named = value.DeepClone().AsObject();
        (named["metadata"] ??= new JsonObject())["name"] = name;
        return _objects.Put(type, @namespace, named);
    }

    /// <summary>The same from JSON text.</summary>
    public Resource Put(ResourceType type, string? @namespace, string name, string json) => Put(type, @namespace, name, JsonNode.Parse(json)!.AsObject());

    /// <summary>Takes an object away at once, finalizers or not.</summary>
    public void Take(ResourceType type, string? @namespace, string name) => _objects.Remove(type, @namespace, name);

    /// <summary>Changes an object as a controller or somebody else would, status included.</summary>
    public Resource Edit(ResourceType type, string? @namespace, string name, Action<JsonObject> change)
    {
        var value = (_objects.Find(type, @namespace, name) ?? throw FakeErrors.NotFound(type, @namespace, name)).Json.DeepClone().AsObject();
        change(value);
        return _objects.Put(type, @namespace, value);
    }

    /// <summary>The object as it is stored, or null; not recorded as a request.</summary>
    public Resource? Peek(ResourceType type, string? @namespace, string name) => _objects.Find(type, @namespace, name);

    /// <inheritdoc />
    public async Task<Resource> GetAsync(ResourceType type, string? @namespace, string name, CancellationToken cancellationToken) =>
        await FindAsync(type, @namespace, name, cancellationToken) ?? throw FakeErrors.NotFound(type, @namespace, name);

    /// <inheritdoc />
    public Task<Resource?> FindAsync(ResourceType type, string? @namespace, string name, CancellationToken cancellationToken) =>
        DoAsync(new FakeRequest("get", type, @namespace, name), () => _objects.Find(type, @namespace, name), cancellationToken);

    /// <inheritdoc />
    public async IAsyncEnumerable<Resource> ListAsync(ResourceType type, string? @namespace, ListOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var resource in await DoAsync(new FakeRequest("list", type, @namespace, null), () => _objects.List(type, @namespace, options), cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return resource;
        }
    }

    /// <inheritdoc />
    public Task<Resource> CreateAsync(ResourceType type, string? @namespace, JsonObject value, WriteOptions options, CancellationToken cancellationToken) =>
        DoAsync(new FakeRequest("create", type, @namespace, (string?)value["metadata"]?["name"], value.DeepClone()) { DryRun = options.DryRun }, () => _objects.Create(type, @namespace, value, options.DryRun), cancellationToken);

    /// <inheritdoc />
    public Task<Resource> ReplaceAsync(ResourceType type, string? @namespace, JsonObject value, WriteOptions options, CancellationToken cancellationToken) =>
        DoAsync(new FakeRequest("update", type, @namespace, (string?)value["metadata"]?["name"], value.DeepClone()) { DryRun = options.DryRun }, () => _objects.Replace(type, @namespace, value, options.DryRun), cancellationToken);

    /// <inheritdoc />
    public Task<Resource> PatchAsync(ResourceType type, string? @namespace, string name, Patch patch, WriteOptions options, CancellationToken cancellationToken) =>
        DoAsync(new FakeRequest("patch", type, @namespace, name, patch.Body.DeepClone()) { Patch = patch, DryRun = options.DryRun }, () => _objects.Patch(type, @namespace, name, patch, options.DryRun), cancellationToken);

    /// <inheritdoc />
    public Task<bool> DeleteAsync(ResourceType type, string? @namespace, string name, DeleteOptions options, CancellationToken cancellationToken) =>
        DoAsync(new FakeRequest("delete", type, @namespace, name) { DryRun = options.DryRun }, () => _objects.Delete(type, @namespace, name, options), cancellationToken);

    /// <inheritdoc />
    public async IAsyncEnumerable<WatchEvent> WatchAsync(ResourceType type, string? @namespace, ListOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var feed = await DoAsync(new FakeRequest("watch", type, @namespace, null), () => _objects.Watch(type, @namespace, options), cancellationToken);
        await foreach (var change in feed.Events.ReadAllAsync(cancellationToken))
            yield return change;
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<string> ReadLogAsync(string @namespace, string pod, LogOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lines = await DoAsync(new FakeRequest("log", ResourceTypes.Pods, @namespace, pod), () => Logs.GetValueOrDefault($"{@namespace}/{pod}") ?? throw FakeErrors.NotFound(ResourceTypes.Pods, @namespace, pod), cancellationToken);
        foreach (var line in lines.TakeLast(options.Tail ?? int.MaxValue))
            yield return line;
    }

    /// <inheritdoc />
    public Task<ExecResult> ExecAsync(string @namespace, string pod, ExecOptions options, CancellationToken cancellationToken) =>
        DoAsync(new FakeRequest("exec", ResourceTypes.Pods, @namespace, pod, new JsonArray([.. options.Command.Select(part => JsonValue.Create(part))])), () => Exec(@namespace, pod, options), cancellationToken);

    /// <inheritdoc />
    public Task<ResourceType?> DiscoverAsync(string group, string plural, CancellationToken cancellationToken)
    {
        var type = new ResourceType(group, "v1", plural, "");
        var known = _objects.Types.Concat(Served).FirstOrDefault(served => served.Group == group && served.Plural == plural);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(NotServed.Any(missing => missing.ToString() == type.ToString()) ? null : known);
    }

    /// <summary>Types that discovery finds besides those of the objects that are there.</summary>
    public HashSet<ResourceType> Served { get; } =
    [
        ResourceTypes.Namespaces, ResourceTypes.Nodes, ResourceTypes.ConfigMaps, ResourceTypes.Secrets, ResourceTypes.Pods, ResourceTypes.Events, ResourceTypes.Services, ResourceTypes.ServiceAccounts,
        ResourceTypes.Claims, ResourceTypes.Deployments, ResourceTypes.StatefulSets, ResourceTypes.DaemonSets, ResourceTypes.Jobs, ResourceTypes.NetworkPolicies, ResourceTypes.Leases,
    ];

    /// <inheritdoc />
    public Task<bool> MayAsync(string verb, ResourceType type, string? @namespace, string? name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(!Denied.Contains($"{verb} {type}"));
    }

    /// <inheritdoc />
    public void Dispose()
    {
    }

    private async Task<T> DoAsync<T>(FakeRequest request, Func<T> action, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (request.Type.Namespaced && request.Namespace is null && request.Verb is not ("list" or "watch"))
            throw new ArgumentException($"{request.Type} live in namespaces. Name one.");
        Requests.Enqueue(request);
        if (Before is { } before)
            await before(request);
        if (NotServed.Contains(request.Type))
            throw FakeErrors.NotServed(request.Type);
        if (Denied.Contains($"{request.Verb} {request.Type}"))
            throw FakeErrors.Denied(request, Cluster.UserName);
        var result = action();
        if (After is { } after)
            await after(request);
        return result;
    }
}
