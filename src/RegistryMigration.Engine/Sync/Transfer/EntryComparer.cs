using System.Buffers;
using RegistryMigration.Engine.Content;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Sync.Planning;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync.Transfer;

/// <summary>Looks at objects where the listings could not tell whether both sides are the same.</summary>
internal sealed class EntryComparer(OpenStore source, OpenStore target, SourceReading sourceReading, SourceReading targetReading)
{
    private const int BufferSize = 64 << 10;

    /// <summary>Whether both sides have the same content.</summary>
    public async ValueTask<bool> IsSameAsync(CopyItem item, CancellationToken cancellationToken)
    {
        if (item.Target.Key is null)
            return false;
        var left = item.Source.Size >= 0 ? item.Source : item.Source with { Size = await SizeAsync(source, item.Key, Party.Source, cancellationToken) };
        var right = item.Target.Size >= 0 ? item.Target : item.Target with { Size = await SizeAsync(target, item.Key, Party.Target, cancellationToken) };
        return SamenessRule.Compare(item.Info, left, right) switch
        {
            Sameness.Same => true,
            Sameness.Different => false,
            _ => await HasSameContentAsync(left, right, cancellationToken),
        };
    }

    // One side's listed MD5 saves reading that side, where it agrees. Where it does not it may be no MD5 of the content (encrypted S3
    // objects), so the object itself decides.
    private async ValueTask<bool> HasSameContentAsync(StoreEntry left, StoreEntry right, CancellationToken cancellationToken)
    {
        var sourceMd5 = right.Md5 is null && left.Md5 is not null ? left.Md5 : await Md5Async(source, left, sourceReading, Party.Source, cancellationToken);
        if (sourceMd5 == right.Md5)
            return true;
        var targetMd5 = await Md5Async(target, right, targetReading, Party.Target, cancellationToken);
        if (sourceMd5 == targetMd5)
            return true;
        return sourceMd5 == left.Md5 && await Md5Async(source, left, sourceReading, Party.Source, cancellationToken) == targetMd5;
    }

    /// <summary>The true size of an object.</summary>
    public async ValueTask<long> SizeAsync(OpenStore store, string key, Party party, CancellationToken cancellationToken) =>
        await StatAsync(store, key, party, cancellationToken) is { } entry
            ? entry.Size
            : throw new StoreException(StoreErrorKind.NotFound, $"'{key}' is gone from {store.Store.Name}.") { Key = key, Party = party };

    /// <summary>Whether an object is there.</summary>
    public async ValueTask<bool> ExistsAsync(OpenStore store, string key, Party party, CancellationToken cancellationToken) =>
        await StatAsync(store, key, party, cancellationToken) is not null;

    private async ValueTask<StoreEntry?> StatAsync(OpenStore store, string key, Party party, CancellationToken cancellationToken)
    {
        try
        {
            return await sourceReading.Retry.ExecuteAsync(store.Store.Traffic, async token => await store.Store.StatAsync(key, token), cancellationToken);
        }
        catch (StoreException e)
        {
            throw e.At(party);
        }
    }

    // A listed MD5 may be none (encrypted S3 objects), so it only ever saves a read when both sides agree, which was checked before.
    private static async ValueTask<string> Md5Async(OpenStore store, StoreEntry entry, SourceReading reading, Party party, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        using var hash = new Md5Hash();
        try
        {
            await using var stream = new SourceStream(store, entry.Key, entry.Size, reading);
            while (await stream.ReadAsync(buffer, cancellationToken) is var read and > 0)
                hash.Append(buffer.AsSpan(0, read));
        }
        catch (StoreException e) when (e.Party != party)
        {
            throw new StoreException(e.Kind, e.Message, e) { Key = e.Key, Store = e.Store, Party = party };
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return hash.Finish();
    }
}
