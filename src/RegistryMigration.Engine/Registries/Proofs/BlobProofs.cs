using System.Collections.Concurrent;
using RegistryMigration.Engine.Manifests;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Registries.Proofs;

/// <summary>Hashes each blob once per run, however many images share it, and bounds how many are on their way.</summary>
/// <remarks>
/// A repository serves a blob only when it has a link of its own to it (distribution registry/storage/linkedblobstore.go), so good bytes
/// in one repository prove nothing for the next: each further repository is asked with one HEAD. For the same reason "not found" in one
/// repository is no verdict on another, while wrong bytes are wrong everywhere.
/// </remarks>
internal sealed class BlobProofs(RegistryClient client, int concurrency) : IDisposable
{
    private readonly ConcurrentDictionary<Digest, Lazy<Task<BlobOutcome>>> _hashed = new();
    private readonly ConcurrentDictionary<(string Repository, Digest Digest), Lazy<Task<BlobOutcome>>> _served = new();
    private readonly SemaphoreSlim _transfers = new(concurrency, concurrency);

    /// <summary>Proves a blob in a repository; what the registry does wrong is in the answer.</summary>
    public async Task<BlobOutcome> ProveAsync(string repository, ManifestDescriptor blob, CancellationToken cancellationToken)
    {
        var mine = new Lazy<Task<BlobOutcome>>(() => ProveServedAsync(repository, blob, cancellationToken));
        var served = _served.GetOrAdd((repository, blob.Digest), mine);
        var outcome = await served.Value;
        if (!ReferenceEquals(served, mine))
            outcome = outcome with { Received = 0, Shared = true };
        return outcome.Failure is null && Known(blob.Size) is { } said && outcome.Size != said
            ? outcome with { Failure = new StoreException(StoreErrorKind.Integrity, $"{client.Name}: blob {repository}@{blob.Digest} has {outcome.Size} bytes, the manifest says {blob.Size}. Push the image again.") { Store = client.Name, Key = blob.Digest.ToString() } }
            : outcome;
    }

    // Schema 1 tells no sizes.
    private static long? Known(long size) => size == ManifestDescriptor.UnknownSize ? null : size;

    public void Dispose() => _transfers.Dispose();

    private async Task<BlobOutcome> ProveServedAsync(string repository, ManifestDescriptor blob, CancellationToken cancellationToken)
    {
        var mine = new Lazy<Task<BlobOutcome>>(() => HashAsync(repository, blob, cancellationToken));
        var hashed = _hashed.GetOrAdd(blob.Digest, mine);
        var outcome = await hashed.Value;
        if (ReferenceEquals(hashed, mine))
            return outcome;
        return outcome.Failure switch
        {
            null => await AskAsync(repository, blob.Digest, outcome.Size, cancellationToken),
            { Kind: StoreErrorKind.Integrity } => outcome with { Received = 0, Shared = true },
            _ => await HashAsync(repository, blob, cancellationToken),
        };
    }

    private Task<BlobOutcome> HashAsync(string repository, ManifestDescriptor blob, CancellationToken cancellationToken) => BoundedAsync(async () =>
    {
        var size = await client.VerifyBlobAsync(repository, blob.Digest, Known(blob.Size), cancellationToken);
        return new BlobOutcome(size, size, null);
    }, cancellationToken);

    private Task<BlobOutcome> AskAsync(string repository, Digest digest, long size, CancellationToken cancellationToken) => BoundedAsync(async () =>
        await client.HeadBlobAsync(repository, digest, cancellationToken) is not null
            ? new BlobOutcome(size, 0, null, Shared: true)
            : throw new StoreException(StoreErrorKind.NotFound, $"{client.Name}: blob {repository}@{digest}: another repository serves it, this one does not. Its layer link is missing: audit the store.")
            {
                Store = client.Name,
                Key = digest.ToString(),
            }, cancellationToken);

    private async Task<BlobOutcome> BoundedAsync(Func<Task<BlobOutcome>> request, CancellationToken cancellationToken)
    {
        await _transfers.WaitAsync(cancellationToken);
        try
        {
            return await request();
        }
        catch (StoreException e)
        {
            return new BlobOutcome(-1, 0, e);
        }
        finally
        {
            _transfers.Release();
        }
    }
}

/// <summary>What is known of a blob in a repository.</summary>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Received">Bytes received for this answer.</param>
/// <param name="Failure">What is wrong; null when all is well.</param>
/// <param name="Shared">Its bytes had been hashed for another image before.</param>
internal sealed record BlobOutcome(long Size, long Received, StoreException? Failure, bool Shared = false);
