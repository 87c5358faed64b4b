using RegistryMigration.Engine.Sync.Transfer;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync;

/// <summary>Copies one item for the pool, keeps the books, and stops the run where going on makes no sense.</summary>
internal sealed class ItemTransfer(SyncRun run, CancellationTokenSource stop)
{
    // A target without write rights refuses one object after another: when it refused this many and took none, that is plain.
    private const int HopelessRefusals = 50;

    private readonly ItemCopier _copier = new(run);
    private int _refusals;

    /// <summary>Whether the entry holds nothing back that comes after it.</summary>
    public async Task<bool> RunAsync(CopyItem item, CancellationToken cancellationToken)
    {
        try
        {
            var outcome = await _copier.CopyAsync(item, cancellationToken);
            run.Tally.OnOutcome(item, outcome);
            run.Tuner.OnObject();
            if (item.Info.Kind == EntryKind.RevisionLink && outcome.Kind is CopyOutcomeKind.Copied or CopyOutcomeKind.Unchanged or CopyOutcomeKind.AlreadyPresent)
                item.Repository?.AddRevision(item.Info.Hex);
            if (outcome.Kind == CopyOutcomeKind.Deferred && item.Repository is { } repository)
                repository.HasDeferred = true;
            return outcome.Kind != CopyOutcomeKind.Deferred || !run.LinkTargets.HasFailed(item.Info.Digest);
        }
        catch (StoreException e)
        {
            await FailAsync(item, e);
            return false;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A bug must not end as a copy that looks complete.
            await FailAsync(item, new StoreException(StoreErrorKind.Other, $"Unexpected {e.GetType().Name}: {e.Message}", e) { Party = Party.Target });
            return false;
        }
    }

    private async Task FailAsync(CopyItem item, StoreException failure)
    {
        var party = failure.Party ?? Party.Target;
        run.Tally.OnFailure(new SyncFailure(item.Key, party, failure.Kind, failure.Message));
        if (item.Info.Kind == EntryKind.Blob)
            run.LinkTargets.NoteFailed(item.Info.Digest);
        var hopeless = failure.Kind == StoreErrorKind.Denied && party == Party.Target && Interlocked.Increment(ref _refusals) >= HopelessRefusals && run.Tally.Copied == 0;
        if (hopeless || IsFatal(failure.Kind) || run.Tally.Failed >= run.Options.MaxFailures)
            await stop.CancelAsync();
    }

    // The next object would fail in the same way.
    private static bool IsFatal(StoreErrorKind kind) => kind is StoreErrorKind.Full or StoreErrorKind.ReadOnly or StoreErrorKind.Unauthenticated
        or StoreErrorKind.CredentialsExpired or StoreErrorKind.ClockSkew or StoreErrorKind.Certificate or StoreErrorKind.Unreachable;
}
