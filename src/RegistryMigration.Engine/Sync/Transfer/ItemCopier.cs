using System.Buffers;
using RegistryMigration.Engine.Content;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync.Transfer;

/// <summary>Copies one entry: proves its content on the way, and tells a broken source from a failing target.</summary>
internal sealed class ItemCopier(SyncRun run)
{
    // Up to here an object is read whole before it is written: header and body leave together, and a repeated write needs no second read.
    private const int InMemory = 128 << 10;

    // A mismatch may be damage on the wire: the object is read once more before its source is called broken.
    private const int MaxReads = 2;
    private const int MaxRestarts = 4;

    private readonly LinkCopier _links = new(run);
    private readonly IServerSideCopy? _server = run.Options.ServerSideCopy && run.Target.Store is IServerSideCopy server && server.CanCopyFrom(run.Source.Store) ? server : null;

    /// <summary>Looks at and copies one entry.</summary>
    /// <exception cref="StoreException">It can't be copied; <see cref="StoreException.Party"/> tells who failed.</exception>
    public async ValueTask<CopyOutcome> CopyAsync(CopyItem item, CancellationToken cancellationToken)
    {
        var mismatches = 0;
        for (var restarts = 0; ; restarts++)
        {
            try
            {
                var outcome = await OnceAsync(item, cancellationToken);
                run.Credentials.Resume();
                return outcome;
            }
            catch (StoreException e) when (e is { Party: Party.Source, Kind: StoreErrorKind.NotFound })
            {
                return new CopyOutcome(CopyOutcomeKind.Vanished);
            }
            catch (StoreException e) when (e is { Party: Party.Source, Kind: StoreErrorKind.Integrity })
            {
                if (++mismatches >= MaxReads)
                    return new CopyOutcome(CopyOutcomeKind.Broken, Defect: new StoreDefect(DefectKind.WrongDigest, item.Key, e.Message, item.Info.Digest.ToString(), Origin: DefectOrigin.BrokenAtSource));
            }
            catch (StoreException e) when (restarts < MaxRestarts && e.Kind is StoreErrorKind.Integrity or StoreErrorKind.Changed)
            {
                // Damaged on the way to the target, or another object now: once more from the start.
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.CredentialsExpired)
            {
                if (!await run.Credentials.WaitAsync(e, cancellationToken))
                    throw e.At(Party.Target);
                restarts--;
            }
            catch (StoreException e)
            {
                throw e.At(Party.Target);
            }
        }
    }

    private async ValueTask<CopyOutcome> OnceAsync(CopyItem item, CancellationToken cancellationToken)
    {
        if (item.MustLook && await run.Comparer.IsSameAsync(item, cancellationToken))
            return new CopyOutcome(CopyOutcomeKind.Unchanged);
        if (item.Info.Kind is not (EntryKind.Blob or EntryKind.File))
            return await _links.CopyAsync(item, cancellationToken);
        var size = item.Source.Size >= 0 ? item.Source.Size : await run.Comparer.SizeAsync(run.Source, item.Key, Party.Source, cancellationToken);
        // Neither read nor copied by the server: an empty object would land under the name of what is lost.
        if (size == 0 && item.Info.Kind == EntryKind.Blob && !ContentHash.IsOfNothing(item.Info.Digest))
            return new CopyOutcome(CopyOutcomeKind.Broken, Defect: Empty(item));
        if (_server is not null)
            return await CopyOnServerAsync(_server, item, size, cancellationToken);
        return size <= InMemory ? await CopySmallAsync(item, (int)size, cancellationToken) : await CopyStreamAsync(item, size, cancellationToken);
    }

    private async ValueTask<CopyOutcome> CopyOnServerAsync(IServerSideCopy server, CopyItem item, long size, CancellationToken cancellationToken)
    {
        try
        {
            await run.Retry.ExecuteAsync(run.Target.Store.Traffic, async token => await server.CopyFromAsync(run.Source.Store, item.Key, item.Key, size, token), cancellationToken);
            return new CopyOutcome(CopyOutcomeKind.Copied, size, ServerSide: true);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
        {
            // One answer for both ends: a look tells which of them is not there.
            if (!await run.Comparer.ExistsAsync(run.Source, item.Key, Party.Source, cancellationToken))
                return new CopyOutcome(CopyOutcomeKind.Vanished);
            throw;
        }
    }

    private static StoreDefect Empty(CopyItem item) => item.Source.Size < 0
        ? new StoreDefect(DefectKind.EmptyLargeObject, item.Key, $"The blob named {item.Info.Digest} is a large object whose segments are gone: it reads as zero bytes. It was not written; restore it from a backup or push its image again.", item.Info.Digest.ToString(), Origin: DefectOrigin.BrokenAtSource)
        : new StoreDefect(DefectKind.WrongDigest, item.Key, $"The blob named {item.Info.Digest} is empty at the source. It was not written; restore it from a backup or push its image again.", item.Info.Digest.ToString(), Origin: DefectOrigin.BrokenAtSource);

    private async ValueTask<CopyOutcome> CopySmallAsync(CopyItem item, int size, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(1, size));
        try
        {
            await using (var source = new SourceStream(run.Source, item.Key, size, run.Reading))
                await source.ReadExactlyAsync(buffer.AsMemory(0, size), cancellationToken);
            if (item.Info.Kind == EntryKind.Blob)
                DigestCheck.Verify(buffer.AsSpan(0, size), item.Info.Digest);
            return await WriteAsync(item, new StoreContent(buffer.AsMemory(0, size)) { Sha256 = Sha256Of(item), IfAbsent = !item.Replaces, Taken = item.Taken }, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask<CopyOutcome> CopyStreamAsync(CopyItem item, long size, CancellationToken cancellationToken)
    {
        using var activity = EngineDiagnostics.Activities.StartActivity("copy");
        activity?.SetTag("key", item.Key);
        var content = new StoreContent(size, token => new ValueTask<Stream>(Open(item, size))) { Sha256 = Sha256Of(item), IfAbsent = !item.Replaces, Taken = item.Taken };
        return await WriteAsync(item, content, cancellationToken);
    }

    private Stream Open(CopyItem item, long size)
    {
        var source = new SourceStream(run.Source, item.Key, size, run.Reading);
        return item.Info.Kind == EntryKind.Blob ? new VerifyingStream(source, size, item.Info.Digest) : source;
    }

    private async ValueTask<CopyOutcome> WriteAsync(CopyItem item, StoreContent content, CancellationToken cancellationToken)
    {
        var outcome = await run.Retry.ExecuteAsync(run.Target.Store.Traffic, async token => await run.Target.Store.WriteAsync(item.Key, content, token), cancellationToken);
        return new CopyOutcome(outcome == WriteOutcome.Written ? CopyOutcomeKind.Copied : CopyOutcomeKind.AlreadyPresent, content.Length);
    }

    private static Digest? Sha256Of(CopyItem item) => item.Info is { Kind: EntryKind.Blob, Digest.Algorithm: "sha256" } ? item.Info.Digest : null;
}
