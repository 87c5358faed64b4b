using System.Net;
using Amazon.S3.Model;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>Makes the bucket, and keeps and reads metadata as its tags.</summary>
internal sealed class S3Initialization(S3Connection connection, string? region)
{
    public async Task<bool> RunAsync(IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        // PUT on a bucket of one's own answers 200 at some servers and 409 at others: only HEAD tells whether it was there.
        var made = !await ExistsAsync(cancellationToken) && await MakeAsync(region, cancellationToken);
        if (metadata.Count > 0)
            await TagAsync(metadata, cancellationToken);
        return made;
    }

    /// <summary>The bucket's tags; a server that keeps none, or does not show them, gives none. Null where there is no bucket.</summary>
    public async Task<StoreDescription?> DescribeAsync(CancellationToken cancellationToken)
    {
        if (!await ExistsAsync(cancellationToken))
            return null;
        try
        {
            return new StoreDescription { Metadata = new Dictionary<string, string>(await TagsAsync(cancellationToken), StringComparer.OrdinalIgnoreCase) };
        }
        catch (StoreException e) when (IsWithoutTags(e))
        {
            return new StoreDescription();
        }
    }

    private static bool IsWithoutTags(StoreException failure) => failure.Kind is StoreErrorKind.Unsupported or StoreErrorKind.Denied or StoreErrorKind.ReadOnly;

    private async Task<bool> ExistsAsync(CancellationToken cancellationToken)
    {
        try
        {
            await connection.SendAsync(key: null, (client, token) => client.HeadBucketAsync(new HeadBucketRequest { BucketName = connection.Bucket }, token), cancellationToken);
            return true;
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
        {
            return false;
        }
    }

    private async Task<bool> MakeAsync(string? location, CancellationToken cancellationToken)
    {
        var request = new PutBucketRequest
        {
            BucketName = connection.Bucket,
            UseClientRegion = false,
            // The default region is told by saying nothing: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
            BucketRegionName = location == S3Clients.DefaultRegion ? null : location,
        };
        try
        {
            await connection.SendAsync(key: null, (client, token) => client.PutBucketAsync(request, token), cancellationToken);
            return true;
        }
        catch (StoreException e) when (S3Errors.CodeOf(e) == "BucketAlreadyOwnedByYou")
        {
            return false;
        }
        catch (StoreException e) when (location is not null && S3Errors.CodeOf(e) == "InvalidLocationConstraint")
        {
            // Ceph's locations are zone groups, which need not be named like the region one signs for.
            return await MakeAsync(location: null, cancellationToken);
        }
    }

    private async Task TagAsync(IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        try
        {
            // Tags are replaced as a whole: what others have set is kept.
            var present = await TagsAsync(cancellationToken);
            var wanted = new Dictionary<string, string>(present, StringComparer.Ordinal);
            foreach (var (name, value) in metadata)
                wanted[name] = value;
            if (wanted.Count == present.Count && wanted.All(tag => present.TryGetValue(tag.Key, out var value) && value == tag.Value))
                return;
            var request = new PutBucketTaggingRequest { BucketName = connection.Bucket, TagSet = [.. wanted.Select(tag => new Tag { Key = tag.Key, Value = tag.Value })] };
            await connection.SendAsync(key: null, (client, token) => client.PutBucketTaggingAsync(request, token), cancellationToken);
        }
        catch (StoreException e) when (IsWithoutTags(e))
        {
            throw new StoreException(StoreErrorKind.Unsupported, $"The bucket '{connection.Bucket}' is there, and {connection.Endpoint} does not let its metadata be set as tags: {e.Message} Leave the metadata out, or ask for the right to tag buckets.", e) { Store = connection.Name, StatusCode = e.StatusCode };
        }
    }

    private async Task<Dictionary<string, string>> TagsAsync(CancellationToken cancellationToken)
    {
        try
        {
            var answer = await connection.SendAsync(key: null, (client, token) => client.GetBucketTaggingAsync(new GetBucketTaggingRequest { BucketName = connection.Bucket }, token), cancellationToken);
            return (answer.TagSet ?? []).ToDictionary(tag => tag.Key, tag => tag.Value, StringComparer.Ordinal);
        }
        catch (StoreException e) when (e.StatusCode == (int)HttpStatusCode.NotFound)
        {
            return [];
        }
    }
}
