using System.Text;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Engine.Registries;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay.Steps;

/// <summary>
/// Proves that Quay itself reaches a storage: asked for its health it writes the file <c>_verify</c> there (storage/basestorage.py, validate). What we
/// left in that file before is gone then.
/// </summary>
internal sealed class StorageProof : IAsyncDisposable
{
    private const string Key = "_verify";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    // After a roll-out Quay reaches its storage or does not; a restart by hand takes as long as it takes.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    // Behind a balancer, one host that was restarted must not answer for one that was not.
    private const int InARow = 3;

    private readonly IStore _store;
    private readonly byte[] _mark;
    private readonly Side _side;
    private readonly StepContext _context;
    private readonly StoreContext _stores;

    private StorageProof(IStore store, byte[] mark, Side side, StepContext context, StoreContext stores) => (_store, _mark, _side, _context, _stores) = (store, mark, side, context, stores);

    /// <summary>The storage that is switched to.</summary>
    public static Side New { get; } = new("new", "Writes are still blocked and the old storage is as it was: run the same command again when the cause is gone, or go back with Undo-RegistryMigration.");

    /// <summary>The storage that an undo goes back to.</summary>
    public static Side Old { get; } = new("old", "Run the same command again when the cause is gone; or with -Force, which records that it is not proven.");

    /// <summary>Looks whether Quay's account gets in. Changes nothing.</summary>
    /// <exception cref="StoreException">It does not, or the storage can't be reached.</exception>
    public static async Task LookAsync(RegistryStore store, string root, StepContext context, CancellationToken cancellationToken)
    {
        var stores = StoreContext.Create(context.Time);
        await using var connection = Connect(store, root, stores);
        await stores.Retry.ExecuteAsync(connection.Traffic, async token => await connection.StatAsync(Key, token), cancellationToken);
    }

    /// <summary>Leaves a mark in the file, which also shows that Quay's account may write.</summary>
    /// <param name="store">The storage, as Quay's account.</param>
    /// <param name="root">Quay's storage path below its address.</param>
    /// <param name="side"><see cref="New"/> or <see cref="Old"/>.</param>
    /// <param name="context">The migration, and how long to wait.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <exception cref="StoreException">It may not, or the storage can't be reached.</exception>
    public static async Task<StorageProof> BeginAsync(RegistryStore store, string root, Side side, StepContext context, CancellationToken cancellationToken)
    {
        var stores = StoreContext.Create(context.Time);
        var connection = Connect(store, root, stores);
        try
        {
            var proof = new StorageProof(connection, Encoding.UTF8.GetBytes($"registry-migration {context.Migration.Id} {Guid.NewGuid():n}"), side, context, stores);
            await proof.MarkAsync(cancellationToken);
            return proof;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks Quay for its health until it has written there.</summary>
    /// <returns>What was seen, in words.</returns>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.Precondition"/>: it has not; the message says what Quay says.</exception>
    public async Task<string> WaitAsync(QuayRegistry quay, string? registry, TlsOptions tls, bool byHand, CancellationToken cancellationToken)
    {
        var endpoint = new RegistryEndpoint(registry ?? quay.Endpoint ?? throw Refused("Nothing says where Quay is reached, so it can't be asked for its health. Give -Registry, and run the same command again.")) { Tls = tls };
        var patience = byHand || _context.Timeout < Patience ? _context.Timeout : Patience;
        var started = _context.Time.GetTimestamp();
        var (proofs, restarted) = (0, !byHand || _context.Restart is not null);
        while (true)
        {
            var said = await AskAsync(endpoint, cancellationToken);
            restarted |= said.Health is null;
            var written = said.Health is { StatusCode: 200 } && !await IsMarkedAsync(cancellationToken);
            proofs = written ? proofs + 1 : 0;
            if (proofs == (byHand ? InARow : 1))
                return $"{endpoint} is in good health and has written to the {_side.Name} storage";
            if (written)
            {
                await MarkAsync(cancellationToken);
                continue;
            }

            // A read-only Quay looks at no storage (health/services.py).
            if (said.Health is { StatusCode: 200 } && quay.State == QuayState.ReadOnly && restarted)
                return $"{endpoint} is in good health; read-only, it does not look at its storage, so that pulling has to prove it";
            if (_context.Time.GetElapsedTime(started) > patience)
                throw Refused($"Quay has the configuration for its {_side.Name} storage, and has not written to the {_side.Name} storage: {(said.Health is { StatusCode: 200 } ? "it says that all is well with another one. Was it restarted, on every host?" : said.Text)} {_side.Next}");
            _context.Notices?.Report(byHand ? $"waiting for Quay to be restarted, and to write to the {_side.Name} storage" : $"waiting for Quay to write to the {_side.Name} storage: {said.Text}");
            await Task.Delay(Pause, _context.Time, cancellationToken);
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private async Task<(QuayHealthResult? Health, string Text)> AskAsync(RegistryEndpoint endpoint, CancellationToken cancellationToken)
    {
        try
        {
            var health = await QuayHealth.ReadAsync(endpoint, _stores, cancellationToken);
            return (health, $"{endpoint} answers {health}.");
        }
        catch (StoreException e)
        {
            return (null, e.Message);
        }
    }

    private static IStore Connect(RegistryStore store, string root, StoreContext stores) => StoreFactory.Connect(store, root.Length == 0 ? "" : root + "/", stores);

    private async Task MarkAsync(CancellationToken cancellationToken) =>
        await _stores.Retry.ExecuteAsync(_store.Traffic, async token => await _store.WriteAsync(Key, new StoreContent(_mark), token), cancellationToken);

    private async Task<bool> IsMarkedAsync(CancellationToken cancellationToken)
    {
        return await _stores.Retry.ExecuteAsync(_store.Traffic, async token =>
        {
            await using var reader = await _store.ReadAsync(Key, 0, null, token);
            using var content = new MemoryStream();
            await reader.Content.CopyToAsync(content, token);
            return content.ToArray().AsSpan().SequenceEqual(_mark);
        }, cancellationToken);
    }

    private static ClusterException Refused(string message) => new(ClusterErrorKind.Precondition, message);

    /// <summary>Which of the two storages Quay is to write to.</summary>
    /// <param name="Name">In words.</param>
    /// <param name="Next">What to do where it does not.</param>
    internal sealed record Side(string Name, string Next);
}
