using System.Net;
using System.Net.Http.Headers;
using RegistryMigration.Engine.Content;
using RegistryMigration.Engine.Manifests;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Registries;

public sealed partial class RegistryClient
{
    // Names every type, so that a registry serves each manifest as it was pushed; without this an old one converts to schema 1.
    private static readonly string AcceptManifests = string.Join(", ", MediaTypes.Manifests);

    /// <summary>A manifest by tag or digest, its bytes checked against the digest that was asked for, or that the registry names.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.NotFound"/>; <see cref="StoreErrorKind.Integrity"/>: other bytes than the digest says.</exception>
    public Task<RegistryManifest> GetManifestAsync(ImageReference reference, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return RequestAsync(ManifestRequest(HttpMethod.Get, reference), async (response, token) =>
        {
            var body = await _transport.Answers.ReadBodyAsync(response, ManifestDocument.MaxBytes, token);
            var digest = CheckManifest(reference, reference.Digest ?? NamedDigest(response), body);
            return ManifestDocument.TryParse(body, out var document, out var reason)
                ? new RegistryManifest(digest, body, document)
                : throw new StoreException(StoreErrorKind.Integrity, $"{Name}: manifest {reference} is not a manifest: {reason}. Push the image again, or restore it from another copy.") { Store = Name, Key = reference.ToString() };
        }, cancellationToken).AsTask();
    }

    /// <summary>What the registry says of a manifest without sending it; null where there is none.</summary>
    public Task<ManifestDescriptor?> HeadManifestAsync(ImageReference reference, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return RequestAsync(ManifestRequest(HttpMethod.Head, reference) with { Tolerated = [HttpStatusCode.NotFound] }, (response, _) =>
        {
            var digest = reference.Digest ?? NamedDigest(response);
            return new ValueTask<ManifestDescriptor?>(response.StatusCode == HttpStatusCode.NotFound || digest is null ? null : new ManifestDescriptor
            {
                MediaType = response.Content.Headers.ContentType?.MediaType ?? "",
                Digest = digest.Value,
                Size = response.Content.Headers.ContentLength ?? ManifestDescriptor.UnknownSize,
            });
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
            Content = () =>
            {
                var body = new ReadOnlyMemoryContent(content);
                body.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
                return body;
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
            Accept = method == HttpMethod.Put ? null : AcceptManifests,
        };

    private Digest CheckManifest(ImageReference reference, Digest? expected, ReadOnlyMemory<byte> body)
    {
        var actual = ContentHash.Of(body.Span, expected?.Algorithm ?? "sha256");
        if (expected is not { } digest || actual == digest)
            return actual;
        return SchemaOne.Payload(body) is { } payload && ContentHash.Of(payload, digest.Algorithm) == digest
            ? digest
            : throw new StoreException(StoreErrorKind.Integrity, $"{Name}: manifest {reference}: the bytes hash to {actual} and not to {digest}. Audit the store behind this registry.")
            {
                Store = Name,
                Key = reference.ToString(),
            };
    }

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
