using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Migrations;

/// <summary>The lock of a migration in its cluster: a Lease that is renewed in the background and free again when it is not.</summary>
/// <remarks>
/// The holder counts from its last renewal and gives up after two thirds of the duration; others wait for the whole of it by their own
/// clock and then see the lease stand still for another half, so that clocks that disagree take nothing away from anybody.
/// </remarks>
internal sealed class LeaseLock : IMigrationLock
{
    private readonly IKubernetesClient _client;
    private readonly string _namespace;
    private readonly MigrationSession _session;
    private readonly FileLock _file;
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _stop = new();
    private Resource _lease;
    private Task _renewal = Task.CompletedTask;

    private LeaseLock(IKubernetesClient client, string @namespace, MigrationSession session, FileLock file, Resource lease)
    {
        _client = client;
        _namespace = @namespace;
        _session = session;
        _file = file;
        _lease = lease;
        _lost = new CancellationTokenSource(GiveUp, session.Time);
        Holder = LeaseTimes.HolderOf(lease)!;
    }

    /// <inheritdoc />
    public CancellationToken Lost => _lost.Token;

    /// <inheritdoc />
    public MigrationHolder Holder { get; }

    private TimeSpan GiveUp => _session.LeaseDuration * (2.0 / 3);

    /// <summary>Takes the lock.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="namespace">Where the lease is.</param>
    /// <param name="migration">The migration's name.</param>
    /// <param name="file">The lock of the journal on this machine, which is held: a lease of the session that held it before is free.</param>
    /// <param name="session">Who takes it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.Locked"/>: somebody else has it; the message says who and since when.</exception>
    public static async Task<LeaseLock> TakeAsync(IKubernetesClient client, string @namespace, string migration, FileLock file, MigrationSession session, CancellationToken cancellationToken)
    {
        var name = MigrationObjects.NameOf(migration);
        for (var attempt = 1; ; attempt++)
        {
            var found = await client.FindAsync(ResourceTypes.Leases, @namespace, name, cancellationToken);
            if (found is not null && LeaseTimes.HolderOf(found) is { } holder && (file.PreviousToken is null || LeaseTimes.TokenOf(found) != file.PreviousToken))
            {
                if (holder.Until > session.Time.GetUtcNow())
                    throw Refusal(migration, holder, session.Time.GetUtcNow());
                session.Notices?.Report($"The lock of {holder} ran out. Seeing for {session.LeaseDuration.TotalSeconds / 2:0} s whether it is renewed.");
                await Task.Delay(session.LeaseDuration / 2, session.Time, cancellationToken);
                var later = await client.FindAsync(ResourceTypes.Leases, @namespace, name, cancellationToken);
                if (later is not null && later.ResourceVersion != found.ResourceVersion)
                    throw Refusal(migration, LeaseTimes.HolderOf(later) ?? holder, session.Time.GetUtcNow());
                found = later;
            }

            try
            {
                var lease = found is null
                    ? await client.CreateAsync(ResourceTypes.Leases, @namespace, LeaseTimes.New(migration, session, file.Token), WriteOptions.Default, cancellationToken)
                    : await client.ReplaceAsync(ResourceTypes.Leases, @namespace, LeaseTimes.Taken(found, session, file.Token), WriteOptions.Default, cancellationToken);
                file.StandingToken = file.Token;
                var held = new LeaseLock(client, @namespace, session, file, lease);
                held._renewal = held.RenewAsync(held._stop.Token);
                return held;
            }
            catch (ClusterException e) when (e.Kind is ClusterErrorKind.Conflict or ClusterErrorKind.NotFound && attempt < 5)
            {
                // Two came at once: the next look says who won.
            }
        }
    }

    /// <summary>Who has the lock; null where nobody does, or where it ran out.</summary>
    public static async Task<MigrationHolder?> FindHolderAsync(IKubernetesClient client, string @namespace, string migration, TimeProvider time, CancellationToken cancellationToken)
    {
        var lease = await client.FindAsync(ResourceTypes.Leases, @namespace, MigrationObjects.NameOf(migration), cancellationToken);
        return lease is not null && LeaseTimes.HolderOf(lease) is { } holder && holder.Until > time.GetUtcNow() ? holder : null;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _renewal;
        if (!_lost.IsCancellationRequested)
            await ReleaseAsync();
        _lost.Dispose();
        _stop.Dispose();
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        var pause = _session.LeaseDuration / 3;
        try
        {
            while (!_lost.IsCancellationRequested)
            {
                await Task.Delay(pause, _session.Time, cancellationToken);
                pause = await TryRenewAsync(cancellationToken) ? _session.LeaseDuration / 3 : _session.LeaseDuration / 20;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever it is, nobody renews from here on.
            _session.Notices?.Report($"The lock can't be renewed any more: {e.GetType().Name}.");
            await _lost.CancelAsync();
        }
    }

    private async Task<bool> TryRenewAsync(CancellationToken cancellationToken)
    {
        var began = _session.Time.GetTimestamp();
        try
        {
            _lease = await _client.ReplaceAsync(ResourceTypes.Leases, _namespace, LeaseTimes.Renewed(_lease, _session), WriteOptions.Default, cancellationToken);
            // What counts for others is the time in the lease, which is that of the request and not of its answer.
            var left = GiveUp - _session.Time.GetElapsedTime(began);
            _lost.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            return true;
        }
        catch (ClusterException e) when (e.Kind is ClusterErrorKind.Conflict or ClusterErrorKind.NotFound)
        {
            await LookAgainAsync(cancellationToken);
            return false;
        }
        catch (ClusterException)
        {
            // The deadline of _lost runs; there may be time for another attempt.
            return false;
        }
    }

    private async Task LookAgainAsync(CancellationToken cancellationToken)
    {
        try
        {
            var there = await _client.FindAsync(ResourceTypes.Leases, _namespace, _lease.Name, cancellationToken);
            if (there is not null && LeaseTimes.TokenOf(there) == _file.Token)
                _lease = there;
            else
                await _lost.CancelAsync();
        }
        catch (ClusterException)
        {
        }
    }

    private async Task ReleaseAsync()
    {
        // A courtesy to the next one, who would otherwise wait for the lease to run out.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10), _session.Time);
        try
        {
            try
            {
                await FreeAsync(patience.Token);
            }
            catch (ClusterException e) when (e.Kind == ClusterErrorKind.Conflict)
            {
                // A renewal whose answer was lost left a newer version.
                await LookAgainAsync(patience.Token);
                if (!_lost.IsCancellationRequested)
                    await FreeAsync(patience.Token);
            }
        }
        catch (Exception e) when (e is ClusterException or OperationCanceledException)
        {
            _session.Notices?.Report($"The lock could not be freed and runs out by itself within {_session.LeaseDuration.TotalSeconds:0} s: {e.Message}");
        }
    }

    private async Task FreeAsync(CancellationToken cancellationToken)
    {
        await _client.ReplaceAsync(ResourceTypes.Leases, _namespace, LeaseTimes.Freed(_lease), WriteOptions.Default, cancellationToken);
        _file.StandingToken = null;
    }

    private static ClusterException Refusal(string migration, MigrationHolder holder, DateTimeOffset now)
    {
        var left = holder.Until is { } until && until > now ? FormattableString.Invariant($" If that process is gone, the lock is free in {Math.Ceiling((until - now).TotalSeconds):0} s.") : "";
        return new ClusterException(ClusterErrorKind.Locked, FormattableString.Invariant($"{holder.Name} works on migration {migration} since {holder.Since:u}. Let it end, then run the same command again.{left}")) { Target = MigrationObjects.NameOf(migration) };
    }
}
