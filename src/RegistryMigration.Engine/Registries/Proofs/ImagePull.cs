using RegistryMigration.Engine.Manifests;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Registries.Proofs;

/// <summary>The pull of one image: manifest or index, then the manifests of the index, then configs and layers.</summary>
internal sealed class ImagePull(RegistryClient client, BlobProofs blobs, string? platform, TimeProvider time)
{
    private readonly List<PullFailure> _failures = [];
    private readonly Dictionary<Digest, (ImagePart Part, ManifestDescriptor Blob)> _parts = [];
    private readonly HashSet<Digest> _foreign = [];
    private readonly HashSet<Digest> _manifests = [];
    private int _otherPlatforms;
    private long _bytes;

    public async Task<PullResult> RunAsync(ImageReference reference, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var root = await ReadAsync(reference, ImagePart.Manifest, cancellationToken);
        if (root is not null)
            await ReadChildrenAsync(reference, root, cancellationToken);
        var (proven, shared) = await ProveBlobsAsync(reference.Repository, cancellationToken);
        return new PullResult
        {
            Reference = reference,
            Registry = client.Name,
            Digest = root?.Digest,
            Manifests = _manifests.Count,
            Blobs = proven,
            SharedBlobs = shared,
            ForeignLayers = _foreign.Count,
            OtherPlatforms = _otherPlatforms,
            Bytes = _bytes,
            Duration = time.GetElapsedTime(started),
            Failures = _failures,
        };
    }

    // An index may name another index (OCI image-spec, image-index.md); each manifest is read once, so a circle ends.
    private async Task ReadChildrenAsync(ImageReference reference, RegistryManifest root, CancellationToken cancellationToken)
    {
        var waiting = new Queue<ManifestDescriptor>(Wanted(reference.Repository, root));
        while (waiting.TryDequeue(out var child))
        {
            if (_manifests.Contains(child.Digest))
                continue;
            if (await ReadAsync(ImageReference.ByDigest(reference.Repository, child.Digest), ImagePart.ChildManifest, cancellationToken) is { } manifest)
            {
                foreach (var next in Wanted(reference.Repository, manifest))
                    waiting.Enqueue(next);
            }
        }
    }

    private List<ManifestDescriptor> Wanted(string repository, RegistryManifest index)
    {
        var children = index.Document.Children.ToList();
        var wanted = children.Where(child => platform is null || child.Platform is null || Matches(child.Platform.ToString(), platform)).ToList();
        _otherPlatforms += children.Count - wanted.Count;
        if (children.Count > 0 && wanted.Count == 0)
            _failures.Add(new PullFailure(ImagePart.ChildManifest, repository, index.Digest, StoreErrorKind.NotFound, $"{client.Name}: index {index.Digest} has no manifest for {platform}. Choose one of {string.Join(", ", children.Select(child => child.Platform).Distinct())}."));
        return wanted;
    }

    // linux/arm is meant to take linux/arm/v7 as well.
    private static bool Matches(string offered, string asked) =>
        offered.Equals(asked, StringComparison.Ordinal) || offered.StartsWith(asked + "/", StringComparison.Ordinal);

    private async Task<RegistryManifest?> ReadAsync(ImageReference reference, ImagePart part, CancellationToken cancellationToken)
    {
        try
        {
            var manifest = await client.GetManifestAsync(reference, cancellationToken);
            _manifests.Add(manifest.Digest);
            _bytes += manifest.Content.Length;
            foreach (var blob in manifest.Document.Blobs)
            {
                if (blob.IsForeign)
                    _foreign.Add(blob.Digest);
                else
                    _parts.TryAdd(blob.Digest, (ReferenceEquals(blob, manifest.Document.Config) ? ImagePart.Config : ImagePart.Layer, blob));
            }

            return manifest;
        }
        catch (StoreException e)
        {
            _failures.Add(new PullFailure(part, reference.Repository, reference.Digest, e.Kind, e.Message));
            return null;
        }
    }

    private async Task<(int Proven, int Shared)> ProveBlobsAsync(string repository, CancellationToken cancellationToken)
    {
        // The bound on transfers is the run's, inside of BlobProofs; images and their blobs share it.
        var outcomes = await Task.WhenAll(_parts.Values.Select(async part => (part, Outcome: await blobs.ProveAsync(repository, part.Blob, cancellationToken))));
        foreach (var ((part, blob), outcome) in outcomes)
        {
            _bytes += outcome.Received;
            if (outcome.Failure is { } e)
                _failures.Add(new PullFailure(part, repository, blob.Digest, e.Kind, e.Message));
        }

        return (outcomes.Count(o => o.Outcome.Failure is null), outcomes.Count(o => o.Outcome is { Failure: null, Shared: true }));
    }
}
