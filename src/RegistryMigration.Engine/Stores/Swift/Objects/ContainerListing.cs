using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores.Swift.Transport;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.Swift.Objects;

/// <summary>Pages through a container by marker until a page is empty.</summary>
/// <remarks>A page that is merely short is not the end: https://github.com/rclone/rclone/issues/7924.</remarks>
internal sealed class ContainerListing(SwiftClient client, LimitsReader limits, int? pageSize)
{
    /// <summary>Pages of entries below <paramref name="root"/> + <paramref name="prefix"/>, strictly in <see cref="KeyOrder"/>.</summary>
    /// <param name="root">What is cut off the names.</param>
    /// <param name="prefix">The start of the names wanted, below the root.</param>
    /// <param name="levels">List the next level's prefixes instead of everything below.</param>
    /// <param name="newest">Ask all replicas, for a listing that must show what was just written.</param>
    /// <param name="rejected">Told of names that are no text.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.BrokenListing"/> when the order is wrong or a page repeats.</exception>
    public async IAsyncEnumerable<List<ListedObject>> PagesAsync(
        string root, string prefix, bool levels, bool newest, Action<RejectedEntry>? rejected, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var limit = pageSize ?? (await limits.GetAsync(cancellationToken)).ListingLimit;
        string? last = null;
        while (true)
        {
            var query = $"format=json&limit={limit}&prefix={Uri.EscapeDataString(root + prefix)}";
            if (levels)
                query += "&delimiter=/";
            if (last is not null)
                query += $"&marker={Uri.EscapeDataString(root + last)}";
            var page = await client.Http.Context.Retry.ExecuteAsync(client.Http.Traffic, token => PageAsync(query, root, newest, rejected, token), cancellationToken);

            // radosgw names the level again that is the marker.
            if (levels && page.Count > 0 && page[0].Name == last)
                page.RemoveAt(0);
            if (page.Count == 0)
                yield break;
            foreach (var entry in page)
            {
                if (last is not null && KeyOrder.Compare(last, entry.Name) >= 0)
                    throw OutOfOrder(root + last, root + entry.Name);
                last = entry.Name;
            }

            yield return page;
        }
    }

    private async ValueTask<List<ListedObject>> PageAsync(string query, string root, bool newest, Action<RejectedEntry>? rejected, CancellationToken cancellationToken)
    {
        var request = new SwiftRequest(HttpMethod.Get) { Query = query };
        if (newest)
            request.Headers["X-Newest"] = "true";
        using var response = await client.SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
            throw client.Errors.NoContainer();
        if (!response.IsSuccessStatusCode)
            throw await client.Errors.FromAsync(response, $"list container '{client.Container}'", null, cancellationToken);
        await using var body = await client.Http.OpenAsync(response, cancellationToken);
        using var json = await PooledBody.ReadAsync(body, response.Content.Headers.ContentLength, cancellationToken);
        try
        {
            return ListingPage.Parse(json.Span, Encoding.UTF8.GetBytes(root), rejected);
        }
        catch (JsonException e)
        {
            // A cut answer with chunked encoding is an error below HTTP; one that is cut by a proxy looks like this.
            throw client.Errors.Make(StoreErrorKind.BrokenListing, $"Container '{client.Container}' answered with a listing that can't be read ({e.Message}). Nothing may be concluded from it; run again, and check what lies between here and the servers.");
        }
    }

    private StoreException OutOfOrder(string before, string after) =>
        client.Errors.Make(StoreErrorKind.BrokenListing, $"Container '{client.Container}' listed '{after}' after '{before}': out of order or repeated. Nothing may be concluded from such a listing; check the container's replicas.");
}
