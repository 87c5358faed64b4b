using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores.Swift.Objects;
using RegistryMigration.Engine.Stores.Swift.Transport;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.Swift.LargeObjects;

/// <summary>Segments as objects: listed, written, deleted.</summary>
internal sealed class Segments(SwiftClient client, ContainerListing listing, SegmentPaths paths)
{
    /// <summary>What lies at a path, by name, as all replicas together know it.</summary>
    public async Task<Dictionary<string, ListedObject>> ListAsync(string path, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, ListedObject>(StringComparer.Ordinal);
        await foreach (var page in listing.PagesAsync("", path + "/", levels: false, newest: true, rejected: null, cancellationToken))
        {
            foreach (var segment in page)
                found[segment.Name] = segment;
        }

        return found;
    }

    /// <summary>Writes one; the server compares the MD5.</summary>
    public async ValueTask WriteAsync(string name, PartBuffer segment, string md5, string key, CancellationToken cancellationToken)
    {
        var request = new SwiftRequest(HttpMethod.Put, name) { Content = () => new UploadContent(new UploadStream(segment.Length, segment.OpenAsync, client.Http.Traffic)), ExpectContinue = true };
        request.Headers["ETag"] = md5;
        using var response = await client.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode)
            return;
        throw response.StatusCode switch
        {
            System.Net.HttpStatusCode.NotFound => client.Errors.NoContainer(),
            // Its bytes are still here and sound: sending them again mends it.
            System.Net.HttpStatusCode.UnprocessableEntity => client.Errors.Make(StoreErrorKind.Transient, $"A segment of '{key}' was damaged on its way (422).", key),
            _ => await client.Errors.FromAsync(response, $"write a segment of '{key}'", key, cancellationToken),
        };
    }

    /// <summary>
    /// Deletes the segments of a manifest that is gone, when they lie under our <c>segments/</c>. Others are left: a manifest may name any
    /// prefix, ordinary objects included.
    /// </summary>
    public async Task DeleteOfAsync(string manifest, CancellationToken cancellationToken)
    {
        var slash = manifest.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || manifest[..slash] != client.Container || !paths.IsOneObjects(manifest[(slash + 1)..]))
            return;
        var found = await ListAsync(manifest[(slash + 1)..].TrimEnd('/'), cancellationToken);
        await DeleteAsync(found.Keys, cancellationToken);
    }

    /// <summary>Deletes by name; those that are gone already are no error.</summary>
    public async Task DeleteAsync(IEnumerable<string> names, CancellationToken cancellationToken) =>
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken }, async (name, token) =>
            await client.Http.Context.Retry.ExecuteAsync(client.Http.Traffic, async attempt =>
            {
                using var response = await client.SendAsync(new SwiftRequest(HttpMethod.Delete, name), attempt);
                if (!response.IsSuccessStatusCode && response.StatusCode != System.Net.HttpStatusCode.NotFound)
                    throw await client.Errors.FromAsync(response, $"delete segment '{name}'", null, attempt);
            }, token));
}
