using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Requests;

/// <summary>Lists objects page by page: https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks.</summary>
internal sealed class ListPager(ApiTransport transport)
{
    // A list that expires again and again is longer than the server keeps versions (5 minutes of etcd's history).
    private const int MaxRestarts = 5;

    /// <summary>Every object once. Where a page has expired (410), the list starts again, and what was told already is left out.</summary>
    public async IAsyncEnumerable<Resource> ListAsync(ResourceType type, string? @namespace, ListOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var told = new HashSet<string>(StringComparer.Ordinal);
        for (var restarts = 0; ; restarts++)
        {
            var expired = false;
            string? next = null;
            do
            {
                Page page;
                try
                {
                    page = await PageAsync(type, @namespace, options, next, cancellationToken);
                }
                catch (ClusterException e) when (e.Kind == ClusterErrorKind.Expired && next is not null && restarts < MaxRestarts)
                {
                    expired = true;
                    break;
                }

                next = page.Next;
                foreach (var item in page.Items)
                {
                    // Only a list of several pages can start again.
                    if ((next is null && told.Count == 0) || told.Add(item.Uid ?? $"{item.Namespace}/{item.Name}"))
                        yield return item;
                }
            }
            while (next is not null);
            if (!expired)
                yield break;
        }
    }

    /// <summary>All objects as of one version, for a watch that goes on from there.</summary>
    public async Task<(IReadOnlyList<Resource> Items, string Version)> SnapshotAsync(ResourceType type, string? @namespace, ListOptions options, CancellationToken cancellationToken)
    {
        for (var restarts = 0; ; restarts++)
        {
            var items = new List<Resource>();
            string? next = null;
            try
            {
                while (true)
                {
                    var page = await PageAsync(type, @namespace, options, next, cancellationToken);
                    items.AddRange(page.Items);
                    if ((next = page.Next) is null)
                        return (items, page.Version);
                }
            }
            catch (ClusterException e) when (e.Kind == ClusterErrorKind.Expired && next is not null && restarts < MaxRestarts)
            {
                // The snapshot must be of one version: from the start.
            }
        }
    }

    private async Task<Page> PageAsync(ResourceType type, string? @namespace, ListOptions options, string? next, CancellationToken cancellationToken)
    {
        var answer = await transport.SendAsync(new ApiRequest
        {
            Method = HttpMethod.Get,
            Verb = "list",
            Path = ApiPaths.Query(ApiPaths.Collection(type, @namespace), ("limit", options.PageSize.ToString(CultureInfo.InvariantCulture)), ("labelSelector", options.Labels), ("fieldSelector", options.Fields), ("continue", next)),
            Resource = type.ToString(),
            Namespace = @namespace,
            IsRead = true,
        }, cancellationToken);
        var array = answer.At("items") as JsonArray;
        // Out of the list, so that a page does not stay in memory for the sake of one object of it.
        var items = array?.OfType<JsonObject>().ToArray() ?? [];
        array?.Clear();
        return new Page(Array.ConvertAll(items, item => Typed(item, type)), answer.Text("metadata", "resourceVersion") ?? "", answer.Text("metadata", "continue") is { Length: > 0 } more ? more : null);
    }

    // Items of a list don't say what they are.
    private static Resource Typed(JsonObject item, ResourceType type)
    {
        item["apiVersion"] ??= type.ApiVersion;
        item["kind"] ??= type.Kind;
        return new Resource(item);
    }

    private sealed record Page(IReadOnlyList<Resource> Items, string Version, string? Next);
}
