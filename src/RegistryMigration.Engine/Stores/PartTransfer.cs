using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using RegistryMigration.Engine.Resilience;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores;

/// <summary>Reads content once, in order, and sends its parts a few at a time. The first that fails for good stops the rest.</summary>
internal static class PartTransfer
{
    /// <summary>Sends all parts. However it ends, nothing is under way afterwards.</summary>
    /// <param name="content">What is sent.</param>
    /// <param name="partSize">Bytes of every part but the last.</param>
    /// <param name="concurrency">Parts in memory at a time.</param>
    /// <param name="memory">Where their memory is taken from.</param>
    /// <param name="send">Sends one part, with its retries; the part is disposed afterwards.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    /// <exception cref="StoreException">What failed first, the content or a part.</exception>
    public static async Task RunAsync(StoreContent content, long partSize, int concurrency, MemoryBudget memory, Func<PartBuffer, CancellationToken, Task> send, CancellationToken cancellationToken)
    {
        ExceptionDispatchInfo? broken = null;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, concurrency), CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(PartsAsync(content, partSize, memory, e => broken = e, cancellationToken), parallel, async (part, token) =>
        {
            using (part)
                await send(part, token);
        });
        broken?.Throw();
    }

    // Where the content broke off and is opened again, the parts under way are work that need not be done twice: they are waited for, and
    // only then it fails. Any other failure of the content stops them.
    private static async IAsyncEnumerable<PartBuffer> PartsAsync(
        StoreContent content, long partSize, MemoryBudget memory, Action<ExceptionDispatchInfo> onBroken, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var source = await content.OpenAsync(cancellationToken);
        for (var number = 1; (number - 1) * partSize < content.Length; number++)
        {
            PartBuffer part;
            try
            {
                part = await PartBuffer.FillAsync(source, number, partSize, content.Length, memory, cancellationToken);
            }
            catch (StoreException e) when (e.IsRetryable)
            {
                onBroken(ExceptionDispatchInfo.Capture(e));
                yield break;
            }

            yield return part;
        }
    }
}
