using System.Net;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using RegistryMigration.Engine.Content;
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
            // The SDK leaves an empty list null.
            if (page.S3Objects is not { Count: > 0 } objects)
                continue;
            var entries = new StoreEntry[objects.Count];
            for (var i = 0; i < entries.Length; i++)
            {
                entries[i] = Entry(objects[i], page.Encoding);
                last = Next(last, entries[i].Key, prefix);
            }

            yield return entries;
        }
    }

    public async Task<IReadOnlyList<string>> ListPrefixesAsync(string prefix, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (var page in PagesAsync(prefix, "/", cancellationToken))
        {
            foreach (var name in page.CommonPrefixes ?? [])
                names.Add(Next(names.Count == 0 ? null : names[^1], Below(Decode(name, page.Encoding)), prefix));
        }

        return names;
    }

    private async IAsyncEnumerable<ListObjectsV2Response> PagesAsync(string prefix, string? delimiter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? token = null;
        do
        {
            var request = new ListObjectsV2Request
            {
                BucketName = connection.Bucket,
                Prefix = connection.Prefix + prefix,
                Delimiter = delimiter,
                ContinuationToken = token,
                // XML 1.0 can't hold every key.
                Encoding = EncodingType.Url,
            };
            var page = await connection.RetryAsync(key: null, (client, token) => client.ListObjectsV2Async(request, token), cancellationToken);
            yield return page;
            if (page.IsTruncated != true)
                yield break;
            if (string.IsNullOrEmpty(page.NextContinuationToken) || page.NextContinuationToken == token)
                throw Broken(prefix, "does not say how to go on, though it says there is more");
            token = page.NextContinuationToken;
        }
        while (true);
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

    private StoreEntry Entry(S3Object item, EncodingType? encoding) => new(Below(Decode(item.Key, encoding)), item.Size ?? 0, Md5Hash.InETag(item.ETag), S3Reading.Utc(item.LastModified));

    // As the server says, not as it was asked: some ignore the wish. A space is a plus at AWS and %20 elsewhere; a plus is always %2B.
    private static string Decode(string key, EncodingType? encoding) => encoding == EncodingType.Url ? WebUtility.UrlDecode(key) : key;

    // A key that does not lie below our prefix keeps its full name, so that the check above names it.
    private string Below(string key) => key.StartsWith(connection.Prefix, StringComparison.Ordinal) ? key[connection.Prefix.Length..] : "/" + key;
}
