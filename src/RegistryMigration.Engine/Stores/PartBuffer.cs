using RegistryMigration.Engine.Content;
using RegistryMigration.Engine.Resilience;

namespace RegistryMigration.Engine.Stores;

/// <summary>One part of an object in memory that the run's budget has granted, so that it can be hashed, and sent again.</summary>
/// <remarks>Made of blocks, so that parts of any size use the same memory again.</remarks>
internal sealed class PartBuffer : IDisposable
{
    private const int BlockSize = MemoryBudget.BlockSize;

    private readonly List<byte[]> _blocks;
    private readonly MemoryBudget _memory;
    private readonly MemoryBudget.Lease _lease;

    private PartBuffer(int number, long length, MemoryBudget memory, MemoryBudget.Lease lease)
    {
        Number = number;
        Length = length;
        _memory = memory;
        _lease = lease;
        _blocks = new List<byte[]>((int)((length + BlockSize - 1) / BlockSize));
    }

    /// <summary>Parts count from 1.</summary>
    public int Number { get; }

    /// <summary>Bytes in it.</summary>
    public long Length { get; }

    /// <summary>Waits for memory, and fills it with the next part of a stream; with the last part the stream has to end.</summary>
    /// <param name="source">The content.</param>
    /// <param name="number">The part's number.</param>
    /// <param name="partSize">Bytes of every part but the last.</param>
    /// <param name="whole">Bytes of the whole content.</param>
    /// <param name="memory">Where the memory is taken from.</param>
    /// <param name="cancellationToken">Ends the wait and the reading.</param>
    /// <exception cref="Model.StoreException"><see cref="Model.StoreErrorKind.Integrity"/>: the content is longer or shorter than was said.</exception>
    public static async Task<PartBuffer> FillAsync(Stream source, int number, long partSize, long whole, MemoryBudget memory, CancellationToken cancellationToken)
    {
        var start = (number - 1) * partSize;
        var length = Math.Min(partSize, whole - start);
        var part = new PartBuffer(number, length, memory, await memory.AcquireAsync(length, cancellationToken));
        try
        {
            for (var filled = 0L; filled < length;)
            {
                var block = memory.RentBlock();
                part._blocks.Add(block);
                var wanted = (int)Math.Min(length - filled, BlockSize);
                var got = await source.ReadAtLeastAsync(block.AsMemory(0, wanted), wanted, throwOnEndOfStream: false, cancellationToken);
                filled += got;
                if (got < wanted)
                    throw ContentLength.EndedEarly(start + filled, whole);
            }

            return start + length < whole || await ContentLength.IsAtEndAsync(source, cancellationToken) ? part : throw ContentLength.TooLong(whole);
        }
        catch
        {
            part.Dispose();
            throw;
        }
    }

    /// <summary>The bytes as the body of a request.</summary>
    public ValueTask<Stream> OpenAsync(CancellationToken cancellationToken) => new(new Reader(this));

    /// <summary>The sha256 in lower-case hex.</summary>
    public string Sha256()
    {
        using var hash = new ContentHash("sha256");
        foreach (var block in Blocks())
            hash.Append(block.Span);
        return hash.Finish().Hex;
    }

    /// <summary>The MD5 in lower-case hex.</summary>
    public string Md5()
    {
        using var hash = new Md5Hash();
        foreach (var block in Blocks())
            hash.Append(block.Span);
        return hash.Finish();
    }

    public void Dispose()
    {
        foreach (var block in _blocks)
            _memory.ReturnBlock(block);
        _blocks.Clear();
        _lease.Dispose();
    }

    private IEnumerable<ReadOnlyMemory<byte>> Blocks()
    {
        for (var i = 0; i < _blocks.Count; i++)
            yield return _blocks[i].AsMemory(0, (int)Math.Min(Length - ((long)i * BlockSize), BlockSize));
    }

    private sealed class Reader(PartBuffer part) : ReadOnlyStream
    {
        private long _position;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var within = (int)(_position % BlockSize);
            var count = (int)Math.Min(Math.Min(buffer.Length, BlockSize - within), part.Length - _position);
            if (count > 0)
                part._blocks[(int)(_position / BlockSize)].AsMemory(within, count).CopyTo(buffer);
            _position += count;
            return new ValueTask<int>(count);
        }
    }
}
