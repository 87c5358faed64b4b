using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Registries;

public sealed partial class RegistryClient
{
    // docker-registry refuses more with 400 PAGINATION_NUMBER_INVALID (catalog.maxentries).
    private const int PageSize = 1000;
    private const int MaxPageBytes = 16 << 20;
    private static readonly string[] CatalogScope = ["registry:catalog:*"];

    /// <summary>All repositories that the registry shows us, in its order.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Denied"/> or <see cref="StoreErrorKind.Unauthenticated"/>: many registries keep the catalog to administrators.</exception>
    public IAsyncEnumerable<string> ListRepositoriesAsync(CancellationToken cancellationToken = default) =>
        PagesAsync(new RegistryRequest(HttpMethod.Get, new Uri(Endpoint.Url, $"v2/_catalog?n={PageSize}"), "catalog") { Scopes = CatalogScope }, "repositories", cancellationToken);

    /// <summary>All tags of a repository, in the registry's order; none where the repository is empty or unknown, which registries answer alike.</summary>
    public IAsyncEnumerable<string> ListTagsAsync(string repository, CancellationToken cancellationToken = default)
    {
        var request = new RegistryRequest(HttpMethod.Get, AddressOf(repository, $"tags/list?n={PageSize}"), $"tags of {repository}")
        {
            Scopes = PullScope(repository),
            Tolerated = [HttpStatusCode.NotFound],
        };
        return PagesAsync(request, "tags", cancellationToken);
    }

    private async IAsyncEnumerable<string> PagesAsync(RegistryRequest first, string property, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = new HashSet<Uri>();
        for (var request = first; ;)
        {
            if (!seen.Add(request.Address))
                throw new StoreException(StoreErrorKind.BrokenListing, $"{Name}: {request.What}: the pages lead in a circle. Nothing can be concluded from this listing; see the registry's log.") { Store = Name };
            var (names, next) = await RequestAsync(request, (response, token) => ReadPageAsync(response, request, property, token), cancellationToken);
            foreach (var name in names)
                yield return name;
            if (next is null)
                yield break;
            request = request with { Address = next };
        }
    }

    private async ValueTask<(IReadOnlyList<string> Names, Uri? Next)> ReadPageAsync(HttpResponseMessage response, RegistryRequest request, string property, CancellationToken cancellationToken)
    {
        if (response.StatusCode == HttpStatusCode.NotFound)
            return ([], null);
        var body = await _transport.Answers.ReadBodyAsync(response, MaxPageBytes, cancellationToken);
        var next = response.Headers.TryGetValues("Link", out var links) ? NextOf(links) : null;
        return (ReadNames(body, request.What, property), next is null ? null : _transport.Own(next, request.Address, request.What));
    }

    private IReadOnlyList<string> ReadNames(ReadOnlyMemory<byte> body, string what, string property)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            // A repository whose tags are all deleted has "tags": null.
            return document.RootElement.GetProperty(property) is { ValueKind: JsonValueKind.Array } names ? [.. names.EnumerateArray().Select(n => n.GetString()!)] : [];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new StoreException(StoreErrorKind.Transient, $"{Name}: {what}: the answer is no listing: {e.Message} Check that a registry and no login page answers at this address.", e) { Store = Name };
        }
    }

    // RFC 8288: <target>; rel="next", several joined by commas.
    private static Uri? NextOf(IEnumerable<string> links)
    {
        foreach (var link in links.SelectMany(value => value.Split(", <")))
        {
            var end = link.IndexOf('>', StringComparison.Ordinal);
            if (end < 0)
                continue;
            var relation = link[(end + 1)..].Replace(" ", "", StringComparison.Ordinal);
            if ((relation.Contains(";rel=\"next\"", StringComparison.OrdinalIgnoreCase) || relation.Contains(";rel=next", StringComparison.OrdinalIgnoreCase))
                && Uri.TryCreate(link[..end].TrimStart('<', ' '), UriKind.RelativeOrAbsolute, out var target))
                return target;
        }

        return null;
    }
}
