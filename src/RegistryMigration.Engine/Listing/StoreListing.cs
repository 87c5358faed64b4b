using System.Runtime.CompilerServices;
using RegistryMigration.Engine.Resilience;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Listing;

/// <summary>Lists one side of a sync: order checked, failures that may pass retried, and the party named in those that don't.</summary>
internal sealed class StoreListing(OpenStore store, Party party, RetryPolicy retry, ICredentialWait credentials, Action<RejectedEntry> rejected)
{
    /// <summary>The store that is listed.</summary>
    public OpenStore Store => store;

    /// <summary>All entries below a prefix, in pages, in <see cref="KeyOrder"/>.</summary>
    /// <remarks>What a store's own retries of its pages leave over starts the listing again, which skips what it gave already; shards keep that short.</remarks>
    public async IAsyncEnumerable<ReadOnlyMemory<StoreEntry>> ReadAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? last = null;
        var pages = store.Store.ListAsync(prefix, rejected, cancellationToken).GetAsyncEnumerator(cancellationToken);
        try
        {
            while (true)
            {
                ReadOnlyMemory<StoreEntry>? page = null;
                StoreException? failure = null;
                try
                {
                    page = await NextAsync(pages);
                }
                catch (StoreException e)
                {
                    failure = e;
                }

                if (failure is not null)
                {
                    await pages.DisposeAsync();
                    (pages, page) = await AgainAsync(prefix, last, failure, cancellationToken);
                }

                if (page is not { } found)
                    yield break;
                last = Checked(found.Span, last) ?? last;
                if (!found.IsEmpty)
                    yield return found;
            }
        }
        finally
        {
            await pages.DisposeAsync();
        }
    }

    /// <summary>The next level below a prefix.</summary>
    public Task<IReadOnlyList<string>> PrefixesAsync(string prefix, CancellationToken cancellationToken) => LevelAsync(token => store.Store.ListPrefixesAsync(prefix, token), cancellationToken);

    /// <summary>The entries of the next level below a prefix, which <see cref="PrefixesAsync"/> leaves out.</summary>
    public Task<IReadOnlyList<StoreEntry>> FilesAsync(string prefix, CancellationToken cancellationToken) => LevelAsync(token => store.Store.ListFilesAsync(prefix, token), cancellationToken);

    private async Task<T> LevelAsync<T>(Func<CancellationToken, Task<T>> list, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var found = await retry.ExecuteAsync(store.Store.Traffic, async token => await list(token), cancellationToken);
                credentials.Resume();
                return found;
            }
            catch (StoreException e)
            {
                if (!await credentials.WaitAsync(e, cancellationToken))
                    throw e.At(party);
            }
        }
    }

    private async Task<(IAsyncEnumerator<ReadOnlyMemory<StoreEntry>>, ReadOnlyMemory<StoreEntry>?)> AgainAsync(string prefix, string? last, StoreException failure, CancellationToken cancellationToken)
    {
        // The failure is the policy's first attempt, so that it is counted and waited for.
        StoreException? pending = failure;
        while (true)
        {
            try
            {
                var again = await retry.ExecuteAsync(store.Store.Traffic, token => Interlocked.Exchange(ref pending, null) is { } failed
                    ? ValueTask.FromException<(IAsyncEnumerator<ReadOnlyMemory<StoreEntry>>, ReadOnlyMemory<StoreEntry>?)>(failed)
                    : StartAfterAsync(prefix, last, cancellationToken), cancellationToken);
                credentials.Resume();
                return again;
            }
            catch (StoreException e)
            {
                if (!await credentials.WaitAsync(e, cancellationToken))
                    throw e.At(party);
            }
        }
    }

    private async ValueTask<(IAsyncEnumerator<ReadOnlyMemory<StoreEntry>>, ReadOnlyMemory<StoreEntry>?)> StartAfterAsync(string prefix, string? last, CancellationToken cancellationToken)
    {
        var pages = store.Store.ListAsync(prefix, rejected, cancellationToken).GetAsyncEnumerator(cancellationToken);
        try
        {
            while (await NextAsync(pages) is { } page)
            {
                var start = 0;
                while (start < page.Length && last is not null && KeyOrder.Compare(page.Span[start].Key, last) <= 0)
                    start++;
                if (start < page.Length)
                    return (pages, page[start..]);
            }

            return (pages, null);
        }
        catch
        {
            await pages.DisposeAsync();
            throw;
        }
    }

    private string? Checked(ReadOnlySpan<StoreEntry> page, string? last)
    {
        try
        {
            return OrderGuard.Check(page, last, store.Store.Name);
        }
        catch (StoreException e)
        {
            throw e.At(party);
        }
    }

    private static async ValueTask<ReadOnlyMemory<StoreEntry>?> NextAsync(IAsyncEnumerator<ReadOnlyMemory<StoreEntry>> pages)
    {
        // No conditional expression: in one, null becomes an empty memory by way of the array conversion, and the end is never seen.
        if (await pages.MoveNextAsync())
            return pages.Current;
        return null;
    }
}
