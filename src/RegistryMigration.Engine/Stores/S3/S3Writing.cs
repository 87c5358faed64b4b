using System.Buffers;
using System.Net;
using System.Security.Cryptography;
using Amazon.S3.Model;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>Writes objects: small ones by one PUT, which the server checks against the digest sent ahead of the bytes.</summary>
internal sealed class S3Writing(S3Connection connection, S3Options options)
{
    /// <summary>What registries write, so that objects do not differ by who wrote them.</summary>
    public const string ContentType = "application/octet-stream";

    private readonly S3MultipartWriting _multipart = new(connection, options);

    public Task<WriteOutcome> WriteAsync(string key, StoreContent content, CancellationToken cancellationToken)
    {
        // Without a digest every byte has to be hashed before it can be signed. What is small is; more goes in parts, which
        // are hashed one by one. (UNSIGNED-PAYLOAD would need https, and would leave the bytes unchecked.)
        var hashed = content.Bytes is not null || content.Sha256 is { Algorithm: "sha256" };
        return content.Length >= Math.Clamp(options.MultipartThreshold, 1, PartPlan.MaxSingleRequest) || (!hashed && content.Length > PartPlan.MinPartSize)
            ? _multipart.WriteAsync(key, content, cancellationToken)
            : PutAsync(key, content, cancellationToken);
    }

    private async Task<WriteOutcome> PutAsync(string key, StoreContent content, CancellationToken cancellationToken)
    {
        var features = connection.Features;
        while (true)
        {
            var conditional = content.IfAbsent && features.ConditionalWrite;
            var checksum = features.Checksum;
            await using var source = await OpenAsync(content, cancellationToken);
            var body = source.Body(connection.Traffic);
            try
            {
                await PutAsync(key, body, conditional, checksum, cancellationToken);
                return WriteOutcome.Written;
            }
            catch (StoreException e) when (body.Failure is null && conditional && e.StatusCode == (int)HttpStatusCode.PreconditionFailed)
            {
                return WriteOutcome.AlreadyPresent;
            }
            catch (StoreException e) when (body.Failure is null && conditional && e.Kind == StoreErrorKind.Unsupported)
            {
                features.ConditionalWrite = false;
            }
            catch (StoreException e) when (body.Failure is null && checksum && RefusesChecksum(e))
            {
                features.Checksum = false;
            }
        }
    }

    private async Task PutAsync(string key, RequestBody body, bool conditional, bool checksum, CancellationToken cancellationToken)
    {
        var request = new PutObjectRequest
        {
            BucketName = connection.Bucket,
            Key = connection.Prefix + key,
            ContentType = ContentType,
            InputStream = body,
            AutoCloseStream = false,
            AutoResetStreamPosition = false,
            UseChunkEncoding = false,
            DisableDefaultChecksumValidation = true,
            IfNoneMatch = conditional ? "*" : null,
            ChecksumSHA256 = checksum ? Convert.ToBase64String(Convert.FromHexString(body.Sha256)) : null,
        };
        request.Headers.ContentLength = body.Length;
        await connection.SendAsync(key, (client, token) => client.PutObjectAsync(request, token), cancellationToken, body);
    }

    private static bool RefusesChecksum(StoreException e) =>
        e.Kind == StoreErrorKind.Unsupported || (e.StatusCode == (int)HttpStatusCode.BadRequest && S3Errors.CodeOf(e) is "InvalidRequest" or "InvalidArgument");

    private static async Task<Source> OpenAsync(StoreContent content, CancellationToken cancellationToken)
    {
        var stream = await content.OpenAsync(cancellationToken);
        try
        {
            var sha256 = content.Sha256 is { Algorithm: "sha256" } digest ? digest.Hex : null;
            // With nothing to send, the request would be complete before the source has had a chance to fail.
            return sha256 is not null && content.Length > 0
                ? new Source(stream, content.Length, sha256, pooled: null)
                : await BufferAsync(stream, content, sha256, cancellationToken);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private static async Task<Source> BufferAsync(Stream stream, StoreContent content, string? sha256, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)content.Length + 1);
        try
        {
            // One byte more than there should be, so that longer content shows.
            var read = await stream.ReadAtLeastAsync(buffer.AsMemory(0, (int)content.Length + 1), (int)content.Length + 1, throwOnEndOfStream: false, cancellationToken);
            if (read != content.Length)
                throw new StoreException(StoreErrorKind.Integrity, FormattableString.Invariant($"The content has {(read < content.Length ? "less" : "more")} than the {content.Length} bytes it was said to have."));
            sha256 ??= Digest.OfSha256(buffer.AsSpan(0, read)).Hex;
            await stream.DisposeAsync();
            return new Source(new MemoryStream(buffer, 0, read, writable: false), read, sha256, buffer);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    /// <summary>Content that is open, with what is known of it.</summary>
    private sealed class Source(Stream stream, long length, string sha256, byte[]? pooled) : IAsyncDisposable
    {
        public RequestBody Body(StoreTraffic traffic) => new(stream, length, sha256, traffic);

        public async ValueTask DisposeAsync()
        {
            await stream.DisposeAsync();
            if (pooled is not null)
                ArrayPool<byte>.Shared.Return(pooled);
        }
    }
}
