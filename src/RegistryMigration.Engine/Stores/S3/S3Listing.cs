using System.Runtime.CompilerServices;
using System.Xml;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores.S3.Requests;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>ListObjectsV2, page after page, each retried by itself, trusted only as long as keys rise.</summary>
internal sealed class S3Listing(S3Connection connection)
{
    public async IAsyncEnumerable<ReadOnlyMemory<StoreEntry>> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? last = null;
        await foreach (var page in PagesAsync(prefix, delimiter: null, cancellationToken))
        {
            var entries = new StoreEntry[page.Objects.Count];
            for (var i = 0; i < entries.Length; i++)
            {
                last = Next(last, Below(page.Decode(page.Objects[i].Key)), prefix);
                entries[i] = page.Objects[i] with { Key = last };
            }

            yield return entries;
        }
    }

    public async Task<IReadOnlyList<string>> ListPrefixesAsync(string prefix, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (var page in PagesAsync(prefix, "/", cancellationToken))
        {
            foreach (var name in page.Prefixes)
                names.Add(Next(names.Count == 0 ? null : names[^1], Below(page.Decode(name)), prefix));
        }

        return names;
    }

    public async Task<IReadOnlyList<StoreEntry>> ListFilesAsync(string prefix, CancellationToken cancellationToken)
    {
        var files = new List<StoreEntry>();
        await foreach (var page in PagesAsync(prefix, "/", cancellationToken))
        {
            foreach (var found in page.Objects)
            {
                // The level itself, where a browser of buckets has made a folder of it.
                if (Below(page.Decode(found.Key)) is var key && key != prefix)
                    files.Add(found with { Key = Next(files.Count == 0 ? null : files[^1].Key, key, prefix) });
            }
        }

        return files;
    }

    private async IAsyncEnumerable<ListAnswer> PagesAsync(string prefix, string? delimiter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? continuation = null;
        do
        {
            var request = new S3Request(HttpMethod.Get, key: null) { Query = Query(prefix, delimiter, continuation) };
            var page = await connection.Context.Retry.ExecuteAsync(connection.Traffic, async token => await ReadAsync(request, prefix, token), cancellationToken);
            yield return page;
            if (!page.IsTruncated)
                yield break;
            if (string.IsNullOrEmpty(page.Continuation) || page.Continuation == continuation)
                throw Broken(prefix, "does not say how to go on, though it says there is more");
            continuation = page.Continuation;
        }
        while (true);
    }

    // Names in order, as signatures want them. Escaped keys, since XML 1.0 can't hold every key.
    private string Query(string prefix, string? delimiter, string? continuation) =>
        (continuation is null ? "" : $"continuation-token={Uri.EscapeDataString(continuation)}&")
        + (delimiter is null ? "" : $"delimiter={Uri.EscapeDataString(delimiter)}&")
        + $"encoding-type=url&list-type=2&prefix={Uri.EscapeDataString(connection.Prefix + prefix)}";

    private async Task<ListAnswer> ReadAsync(S3Request request, string prefix, CancellationToken cancellationToken)
    {
        var response = await connection.SendAsync(request, cancellationToken);
        await using var body = await connection.Http.OpenAsync(response, cancellationToken);
        try
        {
            // Whole, since XmlReader is at its best on what is in memory, and takes no token.
            using var page = await PooledBody.ReadAsync(body, response.Content.Headers.ContentLength, cancellationToken);
            return ListAnswer.Read(page.Open());
        }
        catch (XmlException e)
        {
            throw new StoreException(StoreErrorKind.Transient, $"{connection.Endpoint} answered a listing of {connection.Name} with what can't be read: {e.Message}", e) { Store = connection.Name };
        }
        catch (Exception e) when (e is FormatException or InvalidDataException)
        {
            throw Broken(prefix, $"is none: {e.Message.TrimEnd('.')}");
        }
    }

    private string Next(string? last, string key, string prefix)
    {
        if (!key.StartsWith(prefix, StringComparison.Ordinal))
            throw Broken(prefix, $"holds '{key}', which was not asked for");
        if (last is not null && KeyOrder.Compare(last, key) >= 0)
            throw Broken(prefix, $"has '{key}' after '{last}'");
        return key;
    }

    private StoreException Broken(string prefix, string how) =>
        new(StoreErrorKind.BrokenListing, $"The listing of '{prefix}' in {connection.Name} {how}. Nothing can be concluded from it; repeat it, or look for a proxy between here and {connection.Endpoint}.") { Store = connection.Name };

    // A key that does not lie below our prefix keeps its full name, so that the check above names it.
    private string Below(string key) => key.StartsWith(connection.Prefix, StringComparison.Ordinal) ? key[connection.Prefix.Length..] : "/" + key;
}
