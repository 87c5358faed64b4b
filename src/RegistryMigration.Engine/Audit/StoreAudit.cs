using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Audit;

/// <summary>Looks through a whole store for whatever keeps an image from being served. Only reads.</summary>
/// <remarks>
/// Every key is listed once, every manifest read once, and a link only where its listing does not prove what it says. Memory: 24 bytes
/// for each blob, the links of the few repositories under check, and a bounded cache of manifests. A store that is written meanwhile may
/// show defects that are none: block writes first, or look again.
/// </remarks>
/// <param name="store">The store.</param>
/// <param name="source">The store it was copied from, to tell what broke where, and what is absent; null to look at the store alone.</param>
/// <param name="options">How to look.</param>
/// <param name="time">The clock.</param>
public sealed class StoreAudit(OpenStore store, OpenStore? source, AuditOptions options, TimeProvider time)
{
    /// <summary>Told a few times a second how far it is.</summary>
    public IProgress<AuditProgress>? Progress { get; init; }

    /// <summary>Told of every defect as it is found, one at a time, also of those beyond <see cref="AuditOptions.MaxDefects"/>.</summary>
    public Action<StoreDefect>? Defect { get; init; }

    /// <summary>Runs the audit.</summary>
    /// <exception cref="StoreException">The store can't be listed, or refuses us; the audit proves nothing then.</exception>
    public async Task<AuditResult> RunAsync(CancellationToken cancellationToken)
    {
        if (source is not null && source.Layout.Kind != store.Layout.Kind)
            throw new StoreException(StoreErrorKind.Other, $"{source.Store.Name} has the {source.Layout.Kind} layout and {store.Store.Name} the {store.Layout.Kind} layout: they can't be compared. Name the store it was copied from, or audit without a source.");
        var log = new AuditLog(options, time, Progress, Defect);
        using var run = new AuditRun(store, source, options, time, log);
        await new BlobPass(run).RunAsync(cancellationToken);
        log.Phase = "repositories";
        await new RepositoryPass(run).RunAsync(cancellationToken);
        // With a filter, or where links live in a database, nobody knows what else is linked.
        var knowsLinks = run.Filter.IsAll && store.Layout.RepositoriesPrefix is not null;
        return log.ToResult(store.Definition, knowsLinks ? run.Blobs.Orphans() : (0, 0));
    }
}
