using System.Net;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Registries;

public sealed partial class RegistryClient
{
    // A registry hashes and moves the whole blob before it answers the last request, which takes minutes where the storage is slow.
    private static readonly TimeSpan UploadPatience = TimeSpan.FromMinutes(10);

    /// <summary>Uploads a blob in one request, or in chunks where proxies bound the size of a body.</summary>
    /// <param name="repository">The repository to put it in.</param>
    /// <param name="content">The bytes; <see cref="StoreContent.Sha256"/> must be given.</param>
    /// <param name="chunkSize">Bytes of one chunk; null sends one request.</param>
    /// <param name="cancellationToken">Ends the transfer.</param>
    public Task UploadBlobAsync(string repository, StoreContent content, int? chunkSize = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        var digest = content.Sha256 ?? throw new ArgumentException("The content's digest must be known before it is uploaded.", nameof(content));
        return RetryAsync(async token =>
        {
            var location = await BeginUploadAsync(repository, $"upload {repository}@{digest}", token);
            await (chunkSize is { } size && content.Length > size
                ? SendChunksAsync(repository, location, content, digest, size, token)
                : FinishUploadAsync(repository, location, digest, () => Body(content.Length, content.OpenAsync), token));
            return true;
        }, cancellationToken).AsTask();
    }

    /// <summary>Makes a blob of another repository of this registry part of this one, without its bytes.</summary>
    /// <returns>False where the registry can't (the other repository does not have it, or mounts are off); it then has to be uploaded.</returns>
    public Task<bool> MountBlobAsync(string repository, Digest digest, string from, CancellationToken cancellationToken = default)
    {
        var request = new RegistryRequest(HttpMethod.Post, AddressOf(repository, $"blobs/uploads/?mount={Uri.EscapeDataString(digest.ToString())}&from={Uri.EscapeDataString(from)}"), $"mount {digest} from {from} in {repository}")
        {
            Scopes = [.. PushScope(repository), .. PullScope(from)],
            Content = Nothing,
        };
        return RequestAsync(request, async (response, token) =>
        {
            if (response.StatusCode == HttpStatusCode.Created)
                return true;
            // 202: the registry opened an upload session instead.
            await CancelUploadAsync(repository, LocationOf(response, request), token);
            return false;
        }, cancellationToken).AsTask();
    }

    /// <summary>Opens an upload session: the first thing any push does. One attempt.</summary>
    internal async ValueTask<Uri> BeginUploadAsync(string repository, string what, CancellationToken cancellationToken)
    {
        var request = new RegistryRequest(HttpMethod.Post, AddressOf(repository, "blobs/uploads/"), what) { Scopes = PushScope(repository), Content = Nothing };
        using var response = await _transport.SendAsync(request, cancellationToken);
        return LocationOf(response, request);
    }

    /// <summary>Ends an upload session without a blob; false where the registry keeps it until its own purge.</summary>
    internal async ValueTask<bool> CancelUploadAsync(string repository, Uri location, CancellationToken cancellationToken)
    {
        try
        {
            var request = new RegistryRequest(HttpMethod.Delete, location, $"cancel an upload in {repository}") { Scopes = PushScope(repository) };
            using var response = await _transport.SendAsync(request, cancellationToken);
            return true;
        }
        catch (StoreException)
        {
            return false;
        }
    }

    private async Task SendChunksAsync(string repository, Uri location, StoreContent content, Digest digest, int chunkSize, CancellationToken cancellationToken)
    {
        await using var stream = await content.OpenAsync(cancellationToken);
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(chunkSize);
        try
        {
            for (var sent = 0L; sent < content.Length;)
            {
                var count = await stream.ReadAtLeastAsync(buffer.AsMemory(0, chunkSize), chunkSize, throwOnEndOfStream: false, cancellationToken);
                if (count == 0)
                    throw new StoreException(StoreErrorKind.Integrity, $"The content of {digest} ended after {sent} of {content.Length} bytes. Check the source.") { Store = Name, Key = digest.ToString() };
                var first = sent;
                var request = new RegistryRequest(HttpMethod.Patch, location, $"upload {repository}@{digest}")
                {
                    Scopes = PushScope(repository),
                    Patience = UploadPatience,
                    Content = () =>
                    {
                        var body = Body(count, _ => new ValueTask<Stream>(new MemoryStream(buffer, 0, count, writable: false)));
                        // OCI distribution-spec, "Pushing a blob in chunks": start-end, without a unit or a total.
                        body.Headers.TryAddWithoutValidation("Content-Range", FormattableString.Invariant($"{first}-{first + count - 1}"));
                        return body;
                    },
                };
                using var response = await _transport.SendAsync(request, cancellationToken);
                location = LocationOf(response, request);
                sent += count;
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }

        await FinishUploadAsync(repository, location, digest, Nothing, cancellationToken);
    }

    private async Task FinishUploadAsync(string repository, Uri location, Digest digest, Func<HttpContent> body, CancellationToken cancellationToken)
    {
        var address = new UriBuilder(location);
        address.Query = (address.Query.Length > 1 ? address.Query[1..] + "&" : "") + "digest=" + Uri.EscapeDataString(digest.ToString());
        var request = new RegistryRequest(HttpMethod.Put, address.Uri, $"upload {repository}@{digest}") { Scopes = PushScope(repository), Content = body, Patience = UploadPatience };
        using var response = await _transport.SendAsync(request, cancellationToken);
    }

    private Uri LocationOf(HttpResponseMessage response, RegistryRequest request) => response.Headers.Location is { } location
        ? _transport.Own(location, request.Address, request.What)
        : throw new StoreException(StoreErrorKind.Other, $"{Name}: {request.What}: the answer has no Location. Check that this is a registry and no proxy in front of it drops headers.") { Store = Name };

    private UploadContent Body(long length, Func<CancellationToken, ValueTask<Stream>> open) => new(new UploadStream(length, open, Traffic));

    // An explicit Content-Length: 0; proxies refuse a POST without a length (411).
    private static ByteArrayContent Nothing() => new([]);
}
