using System.Net;
using RegistryMigration.Engine.Content;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores.Swift.Transport;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.Swift.Objects;

/// <summary>Writes objects in one request.</summary>
internal sealed class ObjectWriting(SwiftClient client, ObjectRemoval removal)
{
    // From here on the round trip for a consent costs less than a body that is sent in vain (401, 412, 413).
    private const long ConsentThreshold = 1 << 20;

    /// <summary>One PUT. The MD5 goes ahead of small content, and is compared with the answer's for content that streams.</summary>
    public async Task<WriteOutcome> WriteAsync(string name, string key, StoreContent content, CancellationToken cancellationToken) =>
        content.Bytes is { } bytes
            ? await WriteAsync(name, key, bytes, content.IfAbsent, cancellationToken)
            : await WriteStreamAsync(name, key, content, cancellationToken);

    /// <summary>The header that makes a PUT fail where the object exists. radosgw ignores it.</summary>
    public static void Condition(SwiftRequest request, bool ifAbsent)
    {
        if (ifAbsent)
            request.Headers["If-None-Match"] = "*";
    }

    private async Task<WriteOutcome> WriteAsync(string name, string key, ReadOnlyMemory<byte> bytes, bool ifAbsent, CancellationToken cancellationToken)
    {
        var request = new SwiftRequest(HttpMethod.Put, name) { Content = () => new ReadOnlyMemoryContent(bytes), ExpectContinue = bytes.Length >= ConsentThreshold };
        request.Headers["ETag"] = Md5Hash.Of(bytes.Span);
        Condition(request, ifAbsent);
        using var response = await client.SendAsync(request, cancellationToken);
        client.Http.Traffic.CountWritten(bytes.Length);
        return await OutcomeAsync(response, key, cancellationToken);
    }

    private async Task<WriteOutcome> WriteStreamAsync(string name, string key, StoreContent content, CancellationToken cancellationToken)
    {
        UploadStream? upload = null;
        var request = new SwiftRequest(HttpMethod.Put, name)
        {
            Content = () => new UploadContent(upload = new UploadStream(content.Length, content.OpenAsync, client.Http.Traffic, takeMd5: true)),
            ExpectContinue = content.Length >= ConsentThreshold,
        };
        Condition(request, content.IfAbsent);
        using var response = await client.SendAsync(request, cancellationToken);
        var outcome = await OutcomeAsync(response, key, cancellationToken);
        if (outcome == WriteOutcome.Written && response.Header("ETag")?.Trim('"') is { } stored && upload?.Md5 is { } sent && stored != sent)
        {
            // What was sent was proven before its last byte, so it was damaged after it left.
            await removal.DeletePlainAsync(name, key, cancellationToken);
            throw client.Errors.Make(StoreErrorKind.Integrity, $"The server stored other bytes of '{key}' than were sent (MD5 {stored} for {sent}). The object was deleted; check the network between here and the servers.", key);
        }

        return outcome;
    }

    private async Task<WriteOutcome> OutcomeAsync(HttpResponseMessage response, string key, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
            return WriteOutcome.Written;
        return response.StatusCode switch
        {
            HttpStatusCode.PreconditionFailed => WriteOutcome.AlreadyPresent,
            HttpStatusCode.NotFound => throw client.Errors.NoContainer(),
            _ => throw await client.Errors.FromAsync(response, $"write '{key}'", key, cancellationToken),
        };
    }
}
