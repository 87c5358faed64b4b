using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes.Discovery;
using RegistryMigration.Clusters.Kubernetes.Requests;
using RegistryMigration.Clusters.Kubernetes.Streaming;
using RegistryMigration.Clusters.Kubernetes.Watching;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes;

/// <summary>The client of a real API server.</summary>
internal sealed class KubernetesClient : IKubernetesClient
{
    // The name under which the server keeps what we own of an object (managedFields).
    private const string FieldManager = "registry-migration";

    private readonly ApiTransport _transport;
    private readonly ListPager _pager;
    private readonly ApiDiscovery _discovery;

    public KubernetesClient(ApiTransport transport, RegistryCluster cluster)
    {
        _transport = transport;
        _pager = new ListPager(transport);
        _discovery = new ApiDiscovery(transport);
        Cluster = cluster;
    }

    /// <inheritdoc />
    public RegistryCluster Cluster { get; }

    /// <inheritdoc />
    public Task<Resource> GetAsync(ResourceType type, string? @namespace, string name, CancellationToken cancellationToken) =>
        _transport.SendAsync(new ApiRequest
        {
            Method = HttpMethod.Get,
            Verb = "get",
            Path = ApiPaths.Object(type, @namespace, name),
            Resource = type.ToString(),
            Namespace = @namespace,
            Name = name,
            IsRead = true,
        }, cancellationToken);

    /// <inheritdoc />
    public async Task<Resource?> FindAsync(ResourceType type, string? @namespace, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync(type, @namespace, name, cancellationToken);
        }
        catch (ClusterException e) when (e.Kind == ClusterErrorKind.NotFound)
        {
            return null;
        }
    }

    /// <inheritdoc />
    public IAsyncEnumerable<Resource> ListAsync(ResourceType type, string? @namespace, ListOptions options, CancellationToken cancellationToken) =>
        _pager.ListAsync(type, @namespace, options, cancellationToken);

    /// <inheritdoc />
    public Task<Resource> CreateAsync(ResourceType type, string? @namespace, JsonObject value, WriteOptions options, CancellationToken cancellationToken)
    {
        ApiPaths.RequireNamespace(type, @namespace);
        return _transport.SendAsync(new ApiRequest
        {
            Method = HttpMethod.Post,
            Verb = "create",
            Path = Writing(ApiPaths.Collection(type, @namespace), options),
            Resource = type.ToString(),
            Namespace = @namespace,
            Name = NameOf(value),
            Body = Typed(value, type),
        }, cancellationToken);
    }

    /// <inheritdoc />
    public Task<Resource> ReplaceAsync(ResourceType type, string? @namespace, JsonObject value, WriteOptions options, CancellationToken cancellationToken)
    {
        var name = NameOf(value) ?? throw new ArgumentException("An object that replaces another has metadata.name.", nameof(value));
        return _transport.SendAsync(new ApiRequest
        {
            Method = HttpMethod.Put,
            Verb = "update",
            Path = Writing(ApiPaths.Object(type, @namespace, name), options),
            Resource = type.ToString(),
            Namespace = @namespace,
            Name = name,
            Body = Typed(value, type),
        }, cancellationToken);
    }

    /// <inheritdoc />
    public Task<Resource> PatchAsync(ResourceType type, string? @namespace, string name, Patch patch, WriteOptions options, CancellationToken cancellationToken)
    {
        var (contentType, body) = patch.Kind switch
        {
            PatchKind.Merge => ("application/merge-patch+json", patch.Body),
            PatchKind.Json => ("application/json-patch+json", patch.Body),
            // JSON is YAML.
            _ => ("application/apply-patch+yaml", Applied(patch.Body.AsObject(), type, name)),
        };
        return _transport.SendAsync(new ApiRequest
        {
            Method = HttpMethod.Patch,
            Verb = "patch",
            Path = Writing(ApiPaths.Object(type, @namespace, name, patch.Subresource), options, patch.Kind == PatchKind.Apply && options.Force),
            Resource = patch.Subresource is null ? type.ToString() : (type with { Plural = $"{type.Plural}/{patch.Subresource}" }).ToString(),
            Namespace = @namespace,
            Name = name,
            Body = body,
            ContentType = contentType,
        }, cancellationToken);
    }

    /// <inheritdoc />
    public async Task<bool> DeleteAsync(ResourceType type, string? @namespace, string name, DeleteOptions options, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "DeleteOptions", ["propagationPolicy"] = options.Propagation };
        if (options.DryRun)
            body["dryRun"] = new JsonArray("All");
        if (options.Uid is not null || options.ResourceVersion is not null)
        {
            var conditions = new JsonObject();
            if (options.Uid is { } uid)
                conditions["uid"] = uid;
            if (options.ResourceVersion is { } version)
                conditions["resourceVersion"] = version;
            body["preconditions"] = conditions;
        }

        try
        {
            await _transport.SendAsync(new ApiRequest
            {
                Method = HttpMethod.Delete,
                Verb = "delete",
                Path = ApiPaths.Object(type, @namespace, name),
                Resource = type.ToString(),
                Namespace = @namespace,
                Name = name,
                Body = body,
            }, cancellationToken);
            return true;
        }
        catch (ClusterException e) when (e.Kind == ClusterErrorKind.NotFound)
        {
            return false;
        }
    }

    /// <inheritdoc />
    public IAsyncEnumerable<WatchEvent> WatchAsync(ResourceType type, string? @namespace, ListOptions options, CancellationToken cancellationToken) =>
        new Watcher(_transport, _pager, type, @namespace, options).RunAsync(cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<string> ReadLogAsync(string @namespace, string pod, LogOptions options, CancellationToken cancellationToken) =>
        new LogReader(_transport, @namespace, pod, options).ReadAsync(cancellationToken);

    /// <inheritdoc />
    public Task<ExecResult> ExecAsync(string @namespace, string pod, ExecOptions options, CancellationToken cancellationToken) =>
        new PodCommand(_transport, @namespace, pod, options).RunAsync(cancellationToken);

    /// <inheritdoc />
    public Task<ResourceType?> DiscoverAsync(string group, string plural, CancellationToken cancellationToken) => _discovery.FindAsync(group, plural, cancellationToken);

    /// <inheritdoc />
    public Task<bool> MayAsync(string verb, ResourceType type, string? @namespace, string? name, CancellationToken cancellationToken) =>
        AccessReview.MayAsync(_transport, verb, type, @namespace, name, cancellationToken);

    /// <inheritdoc />
    public void Dispose() => _transport.Dispose();

    private static string Writing(string path, WriteOptions options, bool force = false) => ApiPaths.Query(path,
        ("dryRun", options.DryRun ? "All" : null),
        ("fieldValidation", options.Strict ? "Strict" : null),
        ("fieldManager", FieldManager),
        ("force", force ? "true" : null));

    private static string? NameOf(JsonObject value) => (value["metadata"] as JsonObject)?["name"] is JsonValue name ? (string?)name : null;

    private static JsonObject Typed(JsonObject value, ResourceType type)
    {
        if (value.ContainsKey("apiVersion") && value.ContainsKey("kind"))
            return value;
        var typed = value.DeepClone().AsObject();
        typed["apiVersion"] ??= type.ApiVersion;
        typed["kind"] ??= type.Kind;
        return typed;
    }

    private static JsonObject Applied(JsonObject value, ResourceType type, string name)
    {
        var typed = Typed(value, type);
        if (NameOf(typed) is not null)
            return typed;
        typed = typed.DeepClone().AsObject();
        (typed["metadata"] ??= new JsonObject())["name"] = name;
        return typed;
    }
}
