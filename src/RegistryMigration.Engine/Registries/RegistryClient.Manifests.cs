using System.Net;
using System.Net.Http.Headers;
using RegistryMigration.Engine.Registries.Manifests;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Registries;

public sealed partial class RegistryClient
{
    // docker-registry takes manifests up to 4 MiB (registry/handlers/manifests.go, maxManifestBodySize); others a little more.
    private const int MaxManifestBytes = 16 << 20;

    /// <summary>A manifest by tag or digest, its bytes checked against the digest that was asked for, or that the registry names.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.NotFound"/>; <see cref="StoreErrorKind.Integrity"/>: other bytes than the digest says.</exception>
    public Task<ImageManifest> GetManifestAsync(ImageReference reference, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return RequestAsync(ManifestRequest(HttpMethod.Get, reference), async (response, token) =>
        {
            var body = await _transport.Exchange.ReadBodyAsync(response, MaxManifestBytes, token);
            var named = NamedDigest(response);
            var expected = reference.Digest ?? named;
            var actual = ContentHash.Of(body.Span, expected?.Algorithm ?? "sha256");
            if (expected is { } digest && actual != digest)
            {
                throw new StoreException(StoreErrorKind.Integrity, $"{Name}: manifest {reference}: the bytes hash to {actual} and not to {digest}. Audit the store behind this registry.")
                {
                    Store = Name,
                    Key = reference.ToString(),
                };
            }

            return ImageManifest.Parse(body, actual, response.Content.Headers.ContentType?.MediaType);
        }, cancellationToken).AsTask();
    }

    /// <summary>What the registry says of a manifest without sending it; null where there is none.</summary>
    public Task<Descriptor?> HeadManifestAsync(ImageReference reference, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return RequestAsync(ManifestRequest(HttpMethod.Head, reference) with { Tolerated = [HttpStatusCode.NotFound] }, (response, _) =>
        {
            var digest = reference.Digest ?? NamedDigest(response);
            return new ValueTask<Descriptor?>(response.StatusCode == HttpStatusCode.NotFound || digest is null
                ? null
                : new Descriptor(response.Content.Headers.ContentType?.MediaType ?? "", digest.Value, response.Content.Headers.ContentLength ?? -1));
        }, cancellationToken).AsTask();
    }

    /// <summary>Puts a manifest under a tag or its digest. Everything it refers to must be there before.</summary>
    /// <returns>Its digest.</returns>
    public Task<Digest> PutManifestAsync(ImageReference reference, string mediaType, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        var digest = ContentHash.Of(content.Span, reference.Digest?.Algorithm ?? "sha256");
        if (reference.Digest is { } given && given != digest)
            throw new StoreException(StoreErrorKind.Integrity, $"The manifest for {reference} hashes to {digest}. Put it under that digest or under a tag.") { Store = Name, Key = reference.ToString() };
        var request = ManifestRequest(HttpMethod.Put, reference) with
        {
            Scopes = PushScope(reference.Repository),
            Content = _ =>
            {
                var body = new ReadOnlyMemoryContent(content);
                body.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
                return new ValueTask<HttpContent>(body);
            },
        };
        return RequestAsync(request, (response, _) => NamedDigest(response) is { } named && named.Algorithm == digest.Algorithm && named != digest
            ? throw new StoreException(StoreErrorKind.Integrity, $"{Name}: manifest {reference}: the registry took it as {named} and it hashes to {digest}. A proxy may have changed it on the way.") { Store = Name }
            : new ValueTask<Digest>(digest), cancellationToken).AsTask();
    }

    /// <summary>Deletes a manifest with the tags that point at it.</summary>
    public Task<DeleteOutcome> DeleteManifestAsync(string repository, Digest digest, CancellationToken cancellationToken = default) =>
        DeleteAsync(AddressOf(repository, $"manifests/{digest}"), repository, $"delete manifest {repository}@{digest}", cancellationToken);

    private Task<DeleteOutcome> DeleteAsync(Uri address, string repository, string what, CancellationToken cancellationToken)
    {
        var request = new RegistryRequest(HttpMethod.Delete, address, what)
        {
            Scopes = DeleteScope(repository),
            Tolerated = [HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed],
        };
        return RequestAsync(request, static (response, _) => new ValueTask<DeleteOutcome>(response.StatusCode switch
        {
            HttpStatusCode.NotFound => DeleteOutcome.NotFound,
            HttpStatusCode.MethodNotAllowed => DeleteOutcome.Disabled,
            _ => DeleteOutcome.Deleted,
        }), cancellationToken).AsTask();
    }

    private RegistryRequest ManifestRequest(HttpMethod method, ImageReference reference) =>
        new(method, AddressOf(reference.Repository, $"manifests/{reference.Target}"), $"manifest {reference}")
        {
            Scopes = PullScope(reference.Repository),
            Accept = method == HttpMethod.Put ? null : MediaTypes.AcceptManifests,
        };

    private static Digest? NamedDigest(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Docker-Content-Digest", out var values) && Digest.TryParse(values.FirstOrDefault(), out var digest) ? digest : null;
}

/// <summary>What came of a deletion.</summary>
public enum DeleteOutcome
{
    /// <summary>It is gone.</summary>
    Deleted,

    /// <summary>It was not there.</summary>
    NotFound,

    /// <summary>The registry does not allow deletion (405).</summary>
    Disabled,
}
