using System.Text.Json;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes.Requests;
using RegistryMigration.Clusters.Kubernetes.Streaming;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Watching;

/// <summary>One connection of a watch: a JSON document a line.</summary>
internal sealed class WatchStream(ApiRequest request, Stream stream, ApiTransport transport) : IAsyncDisposable
{
    // etcd takes 1.5 MiB in one request by default; what an API server adds to an object is small.
    private const int MaxLine = 64 << 20;

    private readonly LineReader _lines = new(stream, MaxLine);

    /// <summary>The next event, or null at the end. No kind: a bookmark, whose object has a version only.</summary>
    /// <exception cref="ClusterException">The server ends the watch with an error, or the connection is cut.</exception>
    public async Task<(WatchEventKind? Kind, Resource Resource)?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await _lines.ReadAsync(cancellationToken) is not { } line)
                return null;
            var document = new Resource(JsonNode.Parse(line.Span)?.AsObject() ?? throw new JsonException("null"));
            var resource = new Resource(document.Section("object")?.DeepClone().AsObject() ?? throw new JsonException("no object"));
            return document.Text("type") switch
            {
                "ADDED" => (WatchEventKind.Added, resource),
                "MODIFIED" => (WatchEventKind.Modified, resource),
                "DELETED" => (WatchEventKind.Deleted, resource),
                "BOOKMARK" => (null, resource),
                "ERROR" => throw ApiErrors.Of(request, ApiStatus.Of(resource) ?? new ApiStatus(500, null, null, null, null, [], null), transport.Name, transport.UserName, ""),
                var other => throw new JsonException($"'{other}'"),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A line that was cut off by a connection that ended without saying so: from the last version on.
            throw new ClusterException(ClusterErrorKind.Transient, $"watch {request.Target}: {transport.Name} sent an event that is none: {e.Message}", e) { Target = request.Target, IsRetryable = true };
        }
        catch (StoreException e)
        {
            throw ApiErrors.Of(request, e);
        }
    }

    public ValueTask DisposeAsync() => _lines.DisposeAsync();
}
