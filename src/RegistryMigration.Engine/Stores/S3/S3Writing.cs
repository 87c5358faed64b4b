using System.Net;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores.S3.Requests;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>Writes objects: small ones by one PUT, which the server checks against the digest sent ahead of the bytes.</summary>
internal sealed class S3Writing(S3Connection connection, S3Options options)
{
    /// <summary>What registries write, so that objects do not differ by who wrote them.</summary>
    public const string ContentType = "application/octet-stream";

    private static readonly KeyValuePair<string, string>[] OnlyIfAbsent = [new("If-None-Match", "*")];

    private readonly S3MultipartWriting _multipart = new(connection, options);

    public Task<WriteOutcome> WriteAsync(string key, StoreContent content, CancellationToken cancellationToken)
    {
        // Without a digest every byte has to be hashed before it can be signed. What is small is; more goes in parts, which
        // are hashed one by one. (UNSIGNED-PAYLOAD would need https, and would leave the bytes unchecked.)
        var hashed = content.Bytes is not null || Sha256Of(content) is not null;
        return content.Length >= Math.Clamp(options.MultipartThreshold, 1, PartPlan.MaxSingleRequest) || (!hashed && content.Length > PartPlan.MinPartSize)
            ? _multipart.WriteAsync(key, content, cancellationToken)
            : PutAsync(key, content, cancellationToken);
    }

    private async Task<WriteOutcome> PutAsync(string key, StoreContent content, CancellationToken cancellationToken)
    {
        var features = connection.Features;
        using var buffer = await BufferAsync(content, cancellationToken);
        var sha256 = Sha256Of(content) ?? (content.Bytes is { } bytes ? Digest.OfSha256(bytes.Span).Hex : buffer!.Sha256());
        while (true)
        {
            var conditional = content.IfAbsent && features.ConditionalWrite;
            var checksum = features.Checksum;
            await using var body = new UploadStream(content.Length, buffer is null ? content.OpenAsync : buffer.OpenAsync, connection.Traffic);
            try
            {
                var request = new S3Request(HttpMethod.Put, key) { Body = body, Sha256 = sha256, Checksum = checksum, Headers = conditional ? OnlyIfAbsent : [] };
                (await connection.SendAsync(request, cancellationToken)).Dispose();
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

    private static bool RefusesChecksum(StoreException e) =>
        e.Kind == StoreErrorKind.Unsupported || (e.StatusCode == (int)HttpStatusCode.BadRequest && S3Errors.CodeOf(e) is "InvalidRequest" or "InvalidArgument");

    private static string? Sha256Of(StoreContent content) => content.Sha256 is { Algorithm: "sha256" } digest ? digest.Hex : null;

    // What streams without a digest has to be hashed first. With nothing to send, the request would be complete before the source has
    // had a chance to fail.
    private async Task<PartBuffer?> BufferAsync(StoreContent content, CancellationToken cancellationToken)
    {
        if (content.Bytes is not null || (content.Length > 0 && Sha256Of(content) is not null))
            return null;
        await using var source = await content.OpenAsync(cancellationToken);
        return await PartBuffer.FillAsync(source, 1, Math.Max(1, content.Length), content.Length, connection.Context.Memory, cancellationToken);
    }
}
