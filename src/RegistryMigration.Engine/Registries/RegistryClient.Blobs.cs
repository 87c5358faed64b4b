using System.Net;
using RegistryMigration.Engine.Content;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Registries;

public sealed partial class RegistryClient
{
    /// <summary>Reads a blob to its end and checks every byte against the digest; nothing is kept.</summary>
    /// <param name="repository">The repository to ask.</param>
    /// <param name="digest">The blob.</param>
    /// <param name="size">The size that a manifest says, in bytes; null where unknown.</param>
    /// <param name="cancellationToken">Ends the transfer.</param>
    /// <returns>Its size in bytes.</returns>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.NotFound"/>; <see cref="StoreErrorKind.Integrity"/>: other bytes, or another number of them.</exception>
    public Task<long> VerifyBlobAsync(string repository, Digest digest, long? size, CancellationToken cancellationToken = default) =>
        TransferAsync(repository, digest, size, static (_, _) => default, cancellationToken);

    /// <summary>Copies a blob to a stream. The stream holds the right bytes only when this returns.</summary>
    /// <inheritdoc cref="VerifyBlobAsync" />
    public Task<long> ReadBlobAsync(string repository, Digest digest, Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return TransferAsync(repository, digest, null, destination.WriteAsync, cancellationToken);
    }

    /// <summary>
    /// Whether the repository serves a blob, and its size where the registry answers by itself; a redirect to its storage is an answer too.
    /// </summary>
    /// <returns>Null where it does not; -1 for a size that wasn't told.</returns>
    public Task<long?> HeadBlobAsync(string repository, Digest digest, CancellationToken cancellationToken = default)
    {
        var request = BlobRequest(HttpMethod.Head, repository, digest) with { FollowRedirects = false, Tolerated = [HttpStatusCode.NotFound] };
        return RequestAsync(request, static (response, _) => new ValueTask<long?>(response.StatusCode switch
        {
            HttpStatusCode.NotFound => null,
            HttpStatusCode.OK => response.Content.Headers.ContentLength ?? -1,
            _ => -1,
        }), cancellationToken).AsTask();
    }

    /// <summary>Takes a blob out of a repository; its bytes stay until garbage collection.</summary>
    public Task<DeleteOutcome> DeleteBlobAsync(string repository, Digest digest, CancellationToken cancellationToken = default) =>
        DeleteAsync(AddressOf(repository, $"blobs/{digest}"), repository, $"delete blob {repository}@{digest}", cancellationToken);

    // What was received and hashed stays valid when the connection breaks: the next attempt goes on from there.
    private async Task<long> TransferAsync(string repository, Digest digest, long? size, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> sink, CancellationToken cancellationToken)
    {
        using var hash = new ContentHash(digest.Algorithm);
        var request = BlobRequest(HttpMethod.Get, repository, digest);
        var received = 0L;
        await RetryAsync(async token =>
        {
            if (received > 0 && received == size)
                return true;
            using var response = await _transport.SendAsync(request with { Offset = received }, token);
            var skip = received - StartOf(response);
            if (skip < 0)
                throw new StoreException(StoreErrorKind.Transient, $"{Name}: {request.What}: asked to go on at byte {received}, the answer starts later. See the proxy in front of the registry or its storage.") { Store = Name };
            var total = response.Content.Headers.ContentLength + (received - skip);
            await _transport.Answers.DrainAsync(response, async (piece, stop) =>
            {
                // A server that ignores Range begins anew: what we have is passed over.
                if (skip > 0)
                {
                    var passed = (int)Math.Min(skip, piece.Length);
                    skip -= passed;
                    piece = piece[passed..];
                }

                if (piece.IsEmpty)
                    return;
                if (received + piece.Length > size)
                    throw WrongSize(request.What, digest, size.Value, "more");
                hash.Append(piece.Span);
                await sink(piece, stop);
                received += piece.Length;
            }, token);
            return received >= total || total is null
                ? true
                : throw new StoreException(StoreErrorKind.Transient, $"{Name}: {request.What}: the answer ended after {received} of {total} bytes. See the registry's log and the proxy in front of it.") { Store = Name };
        }, cancellationToken);
        if (size is { } expected && received != expected)
            throw WrongSize(request.What, digest, expected, $"{received}");
        var actual = hash.Finish();
        return actual == digest ? received : throw new StoreException(StoreErrorKind.Integrity, $"{Name}: {request.What}: the bytes hash to {actual}. Audit the store behind this registry.")
        {
            Store = Name,
            Key = digest.ToString(),
        };
    }

    private StoreException WrongSize(string what, Digest digest, long expected, string actual) =>
        new(StoreErrorKind.Integrity, $"{Name}: {what}: {actual} bytes were served, the manifest says {expected}. Audit the store behind this registry.") { Store = Name, Key = digest.ToString() };

    private static long StartOf(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.PartialContent ? response.Content.Headers.ContentRange?.From ?? 0 : 0;

    private RegistryRequest BlobRequest(HttpMethod method, string repository, Digest digest) =>
        new(method, AddressOf(repository, $"blobs/{digest}"), $"blob {repository}@{digest}") { Scopes = PullScope(repository) };
}
