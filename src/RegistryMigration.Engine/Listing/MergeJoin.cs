using System.Runtime.CompilerServices;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Listing;

/// <summary>One key on both sides; at least one is there.</summary>
internal readonly struct JoinedEntry(in StoreEntry source, in StoreEntry target)
{
    /// <summary>The source's entry; its key is null where the source has none.</summary>
    public readonly StoreEntry Source = source;

    /// <summary>The target's entry; its key is null where the target has none.</summary>
    public readonly StoreEntry Target = target;

    public bool InSource => Source.Key is not null;

    public bool InTarget => Target.Key is not null;

    public string Key => Source.Key ?? Target.Key;
}

/// <summary>Walks two ordered listings side by side; holds a page of each.</summary>
internal static class MergeJoin
{
    // Just below 85,000 bytes, where .NET's heap of large objects begins, which only full collections empty.
    private const int BatchSize = 768;

    /// <summary>Batches of joined entries; a batch is valid until the next one is asked for.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<JoinedEntry>> RunAsync(
        IAsyncEnumerable<ReadOnlyMemory<StoreEntry>> source,
        IAsyncEnumerable<ReadOnlyMemory<StoreEntry>> target,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var batch = new JoinedEntry[BatchSize];
        await using var left = new Cursor(source.GetAsyncEnumerator(cancellationToken));
        await using var right = new Cursor(target.GetAsyncEnumerator(cancellationToken));
        while (true)
        {
            // Two servers, or two disks, work at the same time; and neither is left in the middle of a page where the other fails.
            if (left.NeedsPage && right.NeedsPage)
                await Task.WhenAll(left.FillAsync().AsTask(), right.FillAsync().AsTask());
            await left.FillAsync();
            await right.FillAsync();
            var count = Join(left, right, batch);
            if (count == 0)
                yield break;
            yield return batch.AsMemory(0, count);
        }
    }

    // Runs without awaiting until a page or the batch is used up.
    private static int Join(Cursor left, Cursor right, JoinedEntry[] batch)
    {
        var count = 0;
        var missing = default(StoreEntry);
        while (count < batch.Length)
        {
            if (left.NeedsPage || right.NeedsPage)
                break;
            if (left.IsDone && right.IsDone)
                break;
            var order = left.IsDone ? 1 : right.IsDone ? -1 : KeyOrder.Compare(left.Current.Key, right.Current.Key);
            batch[count++] = order switch
            {
                < 0 => new JoinedEntry(left.Take(), missing),
                > 0 => new JoinedEntry(missing, right.Take()),
                _ => new JoinedEntry(left.Take(), right.Take()),
            };
        }

        return count;
    }

    private sealed class Cursor(IAsyncEnumerator<ReadOnlyMemory<StoreEntry>> pages) : IAsyncDisposable
    {
        private ReadOnlyMemory<StoreEntry> _page;
        private int _at;

        public bool IsDone { get; private set; }

        public bool NeedsPage => !IsDone && _at == _page.Length;

        public ref readonly StoreEntry Current => ref _page.Span[_at];

        public ref readonly StoreEntry Take() => ref _page.Span[_at++];

        public async ValueTask FillAsync()
        {
            while (NeedsPage)
            {
                if (!await pages.MoveNextAsync())
                {
                    IsDone = true;
                    return;
                }

                _page = pages.Current;
                _at = 0;
            }
        }

        public ValueTask DisposeAsync() => pages.DisposeAsync();
    }
}
