using System.Buffers;

namespace RegistryMigration.Clusters.Kubernetes.Streaming;

/// <summary>Cuts a stream into lines. A line longer than the limit is cut there, so that memory stays bounded.</summary>
internal sealed class LineReader(Stream stream, int limit) : IAsyncDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
    private int _start;
    private int _end;

    /// <summary>The next line without its end; null at the end of the stream. Valid until the next call.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        var seen = 0;
        while (true)
        {
            var at = _buffer.AsSpan(_start + seen, _end - _start - seen).IndexOf((byte)'\n');
            if (at >= 0)
                return Take(seen + at, 1);
            seen = _end - _start;
            if (seen > limit)
            {
                await SkipAsync(cancellationToken);
                return _buffer.AsMemory(0, limit);
            }

            if (await FillAsync(cancellationToken) > 0)
                continue;
            // Not in one expression: null would become an empty line there.
            if (seen == 0)
                return null;
            return Take(seen, 0);
        }
    }

    public async ValueTask DisposeAsync()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        await stream.DisposeAsync();
    }

    private ReadOnlyMemory<byte> Take(int length, int ending)
    {
        var line = _buffer.AsMemory(_start, length);
        _start += length + ending;
        return line;
    }

    // Keeps the first part of the line where it is, and reads over the rest.
    private async ValueTask SkipAsync(CancellationToken cancellationToken)
    {
        MoveToFront();
        var kept = limit;
        while (true)
        {
            var at = _buffer.AsSpan(kept, _end - kept).IndexOf((byte)'\n');
            if (at >= 0)
            {
                _start = kept + at + 1;
                return;
            }

            _end = kept;
            var read = await stream.ReadAsync(_buffer.AsMemory(kept), cancellationToken);
            if (read == 0)
            {
                _start = _end;
                return;
            }

            _end = kept + read;
        }
    }

    private async ValueTask<int> FillAsync(CancellationToken cancellationToken)
    {
        MoveToFront();
        if (_end == _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += read;
        return read;
    }

    private void MoveToFront()
    {
        if (_start == 0)
            return;
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
    }
}
