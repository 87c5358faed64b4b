using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;
using RegistryMigration.Engine.Manifests;

namespace RegistryMigration.Engine.Registries.Proofs;

/// <summary>Finds out by trying whether a registry takes writes: the proof before a cut-over that it does not, and after it that it does.</summary>
public sealed class PushProof
{
    private const string ProbeTag = "probe";
    private readonly RegistryClient _client;
    private readonly TimeProvider _time;

    /// <summary>A proof over one registry.</summary>
    public PushProof(RegistryClient client, TimeProvider time)
    {
        _client = client;
        _time = time;
    }

    /// <summary>Pushes a small image, pulls it back, and deletes its manifest.</summary>
    /// <param name="repository">Where to; null makes up <c>registrymigration-probe/…</c>. Harbor, Quay and OpenShift want one in a project that exists.</param>
    /// <param name="cancellationToken">Ends the proof; what was pushed by then stays.</param>
    /// <returns>The result, refusals and failures included.</returns>
    /// <exception cref="StoreException">Nobody answers at the address, or its certificate is not accepted.</exception>
    public async Task<PushResult> PushAsync(string? repository = null, CancellationToken cancellationToken = default)
    {
        var started = _time.GetTimestamp();
        var id = ProbeImage.NewId();
        repository ??= DefaultRepository(id);
        var reference = ImageReference.ByTag(repository, $"{ProbeTag}-{id}");
        var image = ProbeImage.Create(id, _time.GetUtcNow());
        try
        {
            await _client.UploadBlobAsync(repository, Content(image.Layer), null, cancellationToken);
            await _client.UploadBlobAsync(repository, Content(image.Config), null, cancellationToken);
            await _client.PutManifestAsync(reference, MediaTypes.DockerManifest, image.Manifest, cancellationToken);
        }
        catch (StoreException e) when (IsAnswer(e))
        {
            return FromFailure(repository, e, expectRefused: false) with { Duration = _time.GetElapsedTime(started) };
        }

        var pull = await PullBackAsync(reference, cancellationToken);
        var (cleanup, leftover) = await CleanUpAsync(reference, image.Digest, cancellationToken);
        return new PushResult
        {
            Registry = _client.Name,
            Repository = repository,
            Verdict = WriteVerdict.Accepted,
            StatusCode = 201,
            Reference = reference,
            Pull = pull,
            Cleanup = cleanup,
            Leftover = leftover,
            Message = pull.Ok ? $"{_client.Name} takes writes and serves what was written." : $"{_client.Name} took the probe image and does not serve it: {pull.Failures[0].Message}",
            Duration = _time.GetElapsedTime(started),
        };
    }

    /// <summary>Begins a push and expects to be refused because the registry is read-only. Nothing is written where it is not.</summary>
    /// <param name="repository">Where to; null makes up <c>registrymigration-probe/…</c>.</param>
    /// <param name="cancellationToken">Ends the proof.</param>
    /// <returns>The result. A login that fails or a right that is missing is <see cref="WriteVerdict.Unproven"/>: others may still write.</returns>
    /// <exception cref="StoreException">Nobody answers at the address, or its certificate is not accepted.</exception>
    public async Task<PushResult> ExpectRefusedAsync(string? repository = null, CancellationToken cancellationToken = default)
    {
        var started = _time.GetTimestamp();
        repository ??= DefaultRepository(ProbeImage.NewId());
        try
        {
            var upload = await _client.BeginUploadAsync(repository, $"begin an upload in {repository}", cancellationToken);
            var cancelled = await _client.CancelUploadAsync(repository, upload, cancellationToken);
            return new PushResult
            {
                Registry = _client.Name,
                Repository = repository,
                ExpectRefused = true,
                Verdict = WriteVerdict.Accepted,
                StatusCode = 202,
                Cleanup = cancelled ? ProbeCleanup.Deleted : ProbeCleanup.Failed,
                Leftover = cancelled ? null : $"an empty upload session in {repository}, which the registry purges by itself",
                Message = $"{_client.Name} takes writes: it began an upload in {repository}. Block writes before going on.",
                Duration = _time.GetElapsedTime(started),
            };
        }
        catch (StoreException e) when (IsAnswer(e))
        {
            return FromFailure(repository, e, expectRefused: true) with { Duration = _time.GetElapsedTime(started) };
        }
    }

    // distribution and OpenShift do not route writes when read-only, Quay refuses them likewise (405); Harbor says 403 DENIED "The system
    // is in read only mode. Any modification is prohibited." (src/server/middleware/readonly). Another 403 is about the one who asks.
    private static bool SaysReadOnly(StoreException failure) => failure.StatusCode switch
    {
        405 => true,
        403 => failure.Message.Contains("read only", StringComparison.OrdinalIgnoreCase) || failure.Message.Contains("read-only", StringComparison.OrdinalIgnoreCase) || failure.Message.Contains("readonly", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    private PushResult FromFailure(string repository, StoreException failure, bool expectRefused)
    {
        var refused = SaysReadOnly(failure);
        var explanation = refused ? "Writes are refused."
            : failure.Kind is StoreErrorKind.Unauthenticated or StoreErrorKind.Denied ? "This is about who asked and proves nothing about writes of others. Use an account that may push to this repository."
            : "Whether writes are refused is not shown by this.";
        return new PushResult
        {
            Registry = _client.Name,
            Repository = repository,
            ExpectRefused = expectRefused,
            Verdict = refused ? WriteVerdict.Refused : WriteVerdict.Unproven,
            StatusCode = failure.StatusCode,
            Message = $"{failure.Message} {explanation}",
            Leftover = expectRefused || refused ? null : $"perhaps an unfinished upload in {repository}, which the registry purges by itself",
        };
    }

    private async Task<PullResult> PullBackAsync(ImageReference reference, CancellationToken cancellationToken)
    {
        using var blobs = new BlobProofs(_client, 1);
        return await new ImagePull(_client, blobs, null, _time).RunAsync(reference, cancellationToken);
    }

    private async Task<(ProbeCleanup Cleanup, string? Leftover)> CleanUpAsync(ImageReference reference, Digest digest, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.DeleteManifestAsync(reference.Repository, digest, cancellationToken) == DeleteOutcome.Disabled
                ? (ProbeCleanup.DeletionDisabled, $"{reference}: the registry does not allow deletion")
                : (ProbeCleanup.Deleted, null);
        }
        catch (StoreException e)
        {
            return (ProbeCleanup.Failed, $"{reference}: {e.Message}");
        }
    }

    // Below this, no registry has answered and there is no verdict to give.
    private static bool IsAnswer(StoreException failure) => failure.Kind is not (StoreErrorKind.Unreachable or StoreErrorKind.Certificate);

    private static string DefaultRepository(string id) => $"registrymigration-probe/{id}";

    private static StoreContent Content(ReadOnlyMemory<byte> bytes) => new(bytes) { Sha256 = Digest.OfSha256(bytes.Span) };
}
