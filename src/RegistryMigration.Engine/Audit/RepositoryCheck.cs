using System.Collections.Concurrent;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Audit;

/// <summary>Follows one repository from its tags over its manifests to every blob that a pull of them needs.</summary>
/// <remarks>
/// A registry serves a blob only where the repository links to it, and takes a manifest from a revision link or, in 2.x, from a layer link
/// (distribution release/2.8, registry/storage/registry.go, manifestLinkPathFns).
/// </remarks>
internal sealed class RepositoryCheck(AuditRun run, ManifestCache manifests, LinkCheck links, RepositoryContent repository)
{
    private readonly ConcurrentDictionary<(DefectKind, BlobId), byte> _reported = new();
    private readonly ConcurrentDictionary<BlobId, byte> _foreign = new();
    private readonly ConcurrentDictionary<string, Digest> _tags = new(StringComparer.Ordinal);

    /// <summary>The manifests that tags point at, after <see cref="RunAsync"/>.</summary>
    public IReadOnlyDictionary<string, Digest> Tags => _tags;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        run.Log.Add(AuditCount.Repositories);
        await Parallel.ForEachAsync(repository.Tags, run.Parallel(cancellationToken), async (tag, token) => await CheckTagAsync(tag, token));
        await Parallel.ForEachAsync(repository.Revisions, run.Parallel(cancellationToken), async (revision, token) => await CheckRevisionAsync(revision.Digest, token));
        run.Log.Add(AuditCount.ForeignLayers, _foreign.Count);
        run.Log.Add(AuditCount.StaleLinks, CountStale());
    }

    /// <summary>Reports a manifest that the repository lacks; false where that was reported already.</summary>
    public bool IsFirst(DefectKind kind, Digest digest) => _reported.TryAdd((kind, BlobId.Of(digest)), 0);

    private async Task CheckTagAsync(TagLinks tag, CancellationToken cancellationToken)
    {
        run.Log.Add(AuditCount.Tags);
        if (tag.Current is not { } current)
        {
            var defect = new StoreDefect(DefectKind.MissingTagTarget, DistributionLayout.TagCurrentLinkKey(repository.Name, tag.Name), $"Tag {repository.Name}:{tag.Name} has no current link: it can't be pulled. Copy it again from its source, or push it again.", null, repository.Name, tag.Name);
            await ReportAsync(defect, new Evidence(DistributionLayout.TagIndexLinkKey(repository.Name, tag.Name, tag.History[0])), cancellationToken);
            return;
        }

        run.Log.Add(AuditCount.Links);
        if (await links.ReadCurrentAsync(repository, tag, current, cancellationToken) is not { } digest)
            return;
        _tags[tag.Name] = digest;
        if (!HasManifest(BlobId.Of(digest)) && IsFirst(DefectKind.MissingManifest, digest))
        {
            var defect = MissingManifest(digest, $"Tag {repository.Name}:{tag.Name} points at {digest}, which the repository does not have. Copy it again from its source, or push it again.") with { Tag = tag.Name };
            await ReportAsync(defect, new Evidence(current.Key, digest.ToString()), cancellationToken);
        }
    }

    private async Task CheckRevisionAsync(Digest digest, CancellationToken cancellationToken)
    {
        var content = repository.Resolve(digest);
        if (!run.Blobs.TryFind(content, out var blob))
        {
            await ReportMissingBlobAsync(content, $"Manifest {digest} of {repository.Name}", digest, cancellationToken);
            return;
        }

        if (blob.IsBad || await manifests.GetAsync(content, blob, cancellationToken) is not { } facts)
            return;
        if (facts.Problem is not null)
        {
            await ReportAsync(new StoreDefect(DefectKind.BrokenManifest, run.Layout.BlobKey(content), $"Manifest {digest} of {repository.Name} can't be used: {facts.Problem}. Push its image again, or delete the manifest.", digest.ToString(), repository.Name), default, cancellationToken);
            return;
        }

        for (var i = 0; i < facts.References.Length; i++)
            await CheckReferenceAsync(digest, facts.References[i], cancellationToken);
    }

    // Finds out without text whether all is well, which is nearly always.
    private ValueTask CheckReferenceAsync(Digest manifest, in ManifestReference reference, CancellationToken cancellationToken)
    {
        var isLinked = reference.IsManifest ? HasManifest(reference.Id) : repository.HasLayer(reference.Id);
        if (reference.IsForeign && !isLinked)
        {
            _foreign.TryAdd(reference.Id, 0);
            return default;
        }

        if (isLinked && run.Blobs.TryFind(reference.Algorithm, reference.Id, out var blob))
        {
            blob.MarkLinked();
            if (blob.IsBad || reference.Size < 0 || blob.Size == reference.Size)
                return default;
        }

        return new ValueTask(ReportReferenceAsync(manifest, reference, isLinked, cancellationToken));
    }

    private async Task ReportReferenceAsync(Digest manifest, ManifestReference reference, bool isLinked, CancellationToken cancellationToken)
    {
        var digest = reference.Digest;
        var referrer = new Evidence(DistributionLayout.RevisionLinkKey(repository.Name, manifest));
        if (reference.IsManifest && !isLinked)
        {
            if (IsFirst(DefectKind.MissingManifest, digest))
                await ReportAsync(MissingManifest(digest, $"Index {manifest} of {repository.Name} lists {digest}, which the repository does not have. An index may be made sparse on purpose: compare with the source to tell."), referrer, cancellationToken);
            return;
        }

        var content = repository.Resolve(digest);
        if (!run.Blobs.TryFind(content, out var blob))
        {
            await ReportMissingBlobAsync(content, $"Blob {digest}, which manifest {manifest} of {repository.Name} needs,", manifest, cancellationToken);
            return;
        }

        blob.MarkLinked();
        if (!isLinked && IsFirst(DefectKind.MissingLayerLink, digest))
            await ReportAsync(new StoreDefect(DefectKind.MissingLayerLink, DistributionLayout.LayerLinkKey(repository.Name, digest), $"Manifest {manifest} of {repository.Name} needs blob {digest}, which is in the store but not linked into the repository: a registry answers 'blob unknown'. Copy the link again from its source, or push the image again.", digest.ToString(), repository.Name), referrer, cancellationToken);
        if (!blob.IsBad && reference.Size >= 0 && blob.Size != reference.Size && IsFirst(DefectKind.WrongSize, digest))
            await ReportAsync(new StoreDefect(DefectKind.WrongSize, run.Layout.BlobKey(content), $"Blob {digest} has {blob.Size} bytes; manifest {manifest} of {repository.Name} says {reference.Size}. Copy it again from its source, or push the image again.", digest.ToString(), repository.Name), new Evidence(Size: reference.Size), cancellationToken);
    }

    private async Task ReportMissingBlobAsync(Digest content, string subject, Digest manifest, CancellationToken cancellationToken)
    {
        if (IsFirst(DefectKind.MissingBlob, content))
            await ReportAsync(new StoreDefect(DefectKind.MissingBlob, run.Layout.BlobKey(content), $"{subject} is not in the store. Copy it again from its source, or push the image again.", content.ToString(), repository.Name), new Evidence(DistributionLayout.RevisionLinkKey(repository.Name, manifest)), cancellationToken);
    }

    private StoreDefect MissingManifest(Digest digest, string message) =>
        new(DefectKind.MissingManifest, DistributionLayout.RevisionLinkKey(repository.Name, digest), message, digest.ToString(), repository.Name);

    private Task ReportAsync(StoreDefect defect, Evidence evidence, CancellationToken cancellationToken) =>
        run.ReportAsync(defect, evidence, repository.NewestAt, cancellationToken);

    private bool HasManifest(BlobId id) => repository.HasRevision(id) || repository.HasLayer(id);

    // Garbage collection deletes blobs and leaves their layer links (distribution, registry/storage/garbagecollect.go).
    private long CountStale()
    {
        long count = 0;
        foreach (var id in repository.Layers)
        {
            if (!run.Blobs.TryFind("sha256", id, out _) && !run.Blobs.TryFind("sha512", id, out _) && !repository.IsAlias(id) && !_reported.ContainsKey((DefectKind.MissingBlob, id)))
                count++;
        }

        return count;
    }
}
