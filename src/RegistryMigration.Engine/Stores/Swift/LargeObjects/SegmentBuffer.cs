using System.Buffers;
using System.Security.Cryptography;
using RegistryMigration.Engine.Resilience;
using RegistryMigration.Engine.Stores.Swift.Transport;

namespace RegistryMigration.Engine.Stores.Swift.LargeObjects;

/// <summary>One segment in memory, so that it can be sent again, and skipped when its MD5 is there already.</summary>
/// <remarks>Made of blocks: one array of 20 MiB would take 32 MiB from the pool.</remarks>
internal sealed class SegmentBuffer : IDisposable
{
    private const int BlockSize = 1 << 20;

    private readonly List<byte[]> _blocks;
    private readonly MemoryBudget.Lease _lease;

    private SegmentBuffer(long length, MemoryBudget.Lease lease)
    {
        Length = length;
        _lease = lease;
        _blocks = new List<byte[]>((int)((length + BlockSize - 1) / BlockSize));
    }

    /// <summary>Bytes in it.</summary>
    public long Length { get; }

    /// <summary>Their MD5 in lower-case hex.</summary>
    public string Md5 { get; private set; } = "";

    /// <summary>The blocks, the last one cut to what is in it.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Blocks
    {
        get
        {
            var left = Length;
            foreach (var block in _blocks)
            {
                var used = (int)Math.Min(left, BlockSize);
                yield return block.AsMemory(0, used);
                left -= used;
            }
        }
    }

    /// <summary>Waits for memory and reads the next <paramref name="length"/> bytes.</summary>
    /// <param name="source">The content.</param>
    /// <param name="length">Bytes of this segment.</param>
    /// <param name="whole">Bytes of the whole content, for the message when it ends early.</param>
    /// <param name="left">Bytes of it that were not read yet, for the same.</param>
    /// <param name="memory">Where the memory is taken from.</param>
    /// <param name="cancellationToken">Ends the wait and the reading.</param>
    public static async Task<SegmentBuffer> ReadAsync(Stream source, long length, long whole, long left, MemoryBudget memory, CancellationToken cancellationToken)
    {
        var buffer = new SegmentBuffer(length, await memory.AcquireAsync(length, cancellationToken));
        try
        {
            await buffer.FillAsync(source, whole, left, cancellationToken);
            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var block in _blocks)
            ArrayPool<byte>.Shared.Return(block);
        _blocks.Clear();
        _lease.Dispose();
    }

    private async Task FillAsync(Stream source, long whole, long left, CancellationToken cancellationToken)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        for (var missing = Length; missing > 0;)
        {
            var block = ArrayPool<byte>.Shared.Rent(BlockSize);
            _blocks.Add(block);
            var wanted = (int)Math.Min(missing, BlockSize);
            var got = await source.ReadAtLeastAsync(block.AsMemory(0, wanted), wanted, throwOnEndOfStream: false, cancellationToken);
            if (got < wanted)
                throw SourceContent.EndedEarly(whole, left - (Length - missing) - got);
            md5.AppendData(block, 0, wanted);
            missing -= wanted;
        }

        Md5 = Convert.ToHexString(md5.GetHashAndReset()).ToLowerInvariant();
    }
}
