using System.Net;
using Amazon.S3.Model;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>
/// Writes a large object in parts: read once in order, sent several at a time, completed when all of the content was there. What a failed
/// or killed run has sent is used again; what can't become the right object any more is thrown away.
/// </summary>
internal sealed class S3MultipartWriting(S3Connection connection, S3Options options)
{
    public async Task<WriteOutcome> WriteAsync(string key, StoreContent content, CancellationToken cancellationToken)
    {
        var plan = PartPlan.For(content.Length, options.PartSize);
        if (content.Length > PartPlan.MaxObjectSize)
            throw new StoreException(StoreErrorKind.Full, $"'{key}' is larger than the 5 TiB that S3 takes as one object. Leave it out.") { Store = connection.Name, Key = key };
        // Parts of content without a digest may be another version's; those are not mixed.
        var upload = (content.Sha256 is null ? null : await MultipartUpload.FindAsync(connection, key, plan, cancellationToken))
            ?? await MultipartUpload.BeginAsync(connection, key, cancellationToken);
        try
        {
            var parts = await SendAsync(upload, content, plan, cancellationToken);
            return await CompleteAsync(upload, parts, content.IfAbsent, cancellationToken);
        }
        catch (StoreException e) when (S3Errors.CodeOf(e) == "NoSuchUpload")
        {
            return await SettleAsync(key, content, e, cancellationToken);
        }
        catch (StoreException e) when (IsFinal(e.Kind))
        {
            await upload.AbortAsync();
            throw;
        }
    }

    // Failures that another attempt at the same upload would not outlive. Credentials, clocks and connections may come right.
    private static bool IsFinal(StoreErrorKind kind) => kind is StoreErrorKind.Integrity or StoreErrorKind.Changed or StoreErrorKind.NotFound or StoreErrorKind.Denied
        or StoreErrorKind.Full or StoreErrorKind.ReadOnly or StoreErrorKind.InvalidKey or StoreErrorKind.Unsupported or StoreErrorKind.Conflict or StoreErrorKind.Other;

    private async Task<PartETag[]> SendAsync(MultipartUpload upload, StoreContent content, PartPlan plan, CancellationToken cancellationToken)
    {
        var parts = new PartETag[plan.Count];
        await PartTransfer.RunAsync(content, plan.PartSize, options.PartConcurrency, connection.Context.Memory, async (part, token) => parts[part.Number - 1] = await upload.SendAsync(part, token), cancellationToken);
        return parts;
    }

    private async Task<WriteOutcome> CompleteAsync(MultipartUpload upload, PartETag[] parts, bool ifAbsent, CancellationToken cancellationToken) =>
        await connection.Context.Retry.ExecuteAsync(connection.Traffic, async token =>
        {
            var conditional = ifAbsent && connection.Features.ConditionalWrite;
            try
            {
                await upload.CompleteAsync(parts, conditional, token);
            }
            catch (StoreException e) when (conditional && e.Kind == StoreErrorKind.Unsupported)
            {
                connection.Features.ConditionalWrite = false;
                await upload.CompleteAsync(parts, ifAbsent: false, token);
            }
            catch (StoreException e) when (conditional && e.StatusCode == (int)HttpStatusCode.PreconditionFailed)
            {
                await upload.AbortAsync();
                return WriteOutcome.AlreadyPresent;
            }

            return WriteOutcome.Written;
        }, cancellationToken);

    // The upload is gone: completed by an attempt whose answer got lost or said 500, by another run, or thrown away by somebody.
    private async Task<WriteOutcome> SettleAsync(string key, StoreContent content, StoreException gone, CancellationToken cancellationToken)
    {
        var there = content.Sha256 is null ? null : await S3Reading.StatAsync(connection, key, cancellationToken);
        return there?.Size == content.Length
            ? WriteOutcome.Written
            : throw new StoreException(StoreErrorKind.Transient, $"The upload of '{key}' to {connection.Name} was ended by somebody else; it has to begin anew.", gone) { Store = connection.Name, Key = key };
    }
}
