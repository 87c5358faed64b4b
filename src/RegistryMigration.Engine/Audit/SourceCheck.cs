using System.Text;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Audit;

/// <summary>Finds what one repository of the source has and the target has not: manifests, and tags that are absent or point elsewhere.</summary>
/// <remarks>Layers need no look: those of a manifest at the target were checked with it, those of an absent one are absent with it.</remarks>
internal sealed class SourceCheck(AuditRun run, RepositoryContent source, RepositoryContent? target, RepositoryCheck? check)
{
    private readonly HashSet<string> _tagsHere = [.. target?.Tags.Select(tag => tag.Name) ?? []];

    private DateTimeOffset? NewestAtTarget => target?.NewestAt;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await Parallel.ForEachAsync(source.Revisions, run.Parallel(cancellationToken), async (revision, token) => await CheckRevisionAsync(revision.Digest, revision.WrittenAt, token));
        await Parallel.ForEachAsync(source.Tags, run.Parallel(cancellationToken), async (tag, token) => await CheckTagAsync(tag, token));
    }

    private async Task CheckRevisionAsync(Digest digest, DateTimeOffset? writtenAt, CancellationToken cancellationToken)
    {
        if (target?.HasRevision(BlobId.Of(digest)) == true || check?.IsFirst(DefectKind.MissingManifest, digest) == false)
            return;
        var probe = run.SourceProbe!;
        // What has no blob at the source could not be copied.
        var origin = await probe.StatAsync(probe.Store.Layout.BlobKey(digest), cancellationToken) is null
            ? DefectOrigin.BrokenAtSource
            : run.OriginOfAbsence(writtenAt, NewestAtTarget);
        run.Log.Report(new StoreDefect(DefectKind.MissingManifest, DistributionLayout.RevisionLinkKey(source.Name, digest), $"The source has manifest {digest} in {source.Name}, and this store has not. Run the sync again.", digest.ToString(), source.Name, Origin: origin));
    }

    private async Task CheckTagAsync(TagLinks tag, CancellationToken cancellationToken)
    {
        if (tag.Current is not { } current)
            return;
        var key = DistributionLayout.TagCurrentLinkKey(source.Name, tag.Name);
        if (!_tagsHere.Contains(tag.Name))
        {
            run.Log.Report(new StoreDefect(DefectKind.MissingTagTarget, key, $"The source has tag {source.Name}:{tag.Name}, and this store has not. Run the sync again.", null, source.Name, tag.Name, run.OriginOfAbsence(current.LastModified, NewestAtTarget)));
            return;
        }

        // A current link that is missing or broken here was reported already.
        if (check!.Tags.TryGetValue(tag.Name, out var mine) && await ReadAsync(tag, current, cancellationToken) is { } theirs && mine != theirs)
            run.Log.Report(new StoreDefect(DefectKind.StaleTag, key, $"Tag {source.Name}:{tag.Name} points at {mine} here and at {theirs} at the source. Run the sync again.", mine.ToString(), source.Name, tag.Name, run.OriginOfAbsence(current.LastModified, NewestAtTarget)));
    }

    private async Task<Digest?> ReadAsync(TagLinks tag, StoreEntry current, CancellationToken cancellationToken)
    {
        if (LinkCheck.Candidate(tag, current) is { } known)
            return known;
        return await run.SourceProbe!.ReadAsync(current.Key, LinkCheck.MaxBytes, cancellationToken) is { } content
               && Digest.TryParse(Encoding.UTF8.GetString(content), out var digest) ? digest : null;
    }
}
