using System.Buffers;
using System.Security.Cryptography;
using RegistryMigration.Engine.Resilience;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>One part in memory, on a pooled array that the run's memory budget has granted.</summary>
internal sealed class PartBuffer : IDisposable
{
    private readonly byte[] _array;
    private readonly MemoryBudget.Lease _lease;
    private readonly int _length;
    private string? _sha256;

    private PartBuffer(byte[] array, MemoryBudget.Lease lease, int number, int length)
    {
        _array = array;
        _lease = lease;
        _length = length;
        Number = number;
    }

    public int Number { get; }

    /// <summary>Waits for memory, and fills it with the next part of a stream; with the last part the stream has to end.</summary>
    public static async Task<PartBuffer> FillAsync(Stream source, PartPlan plan, int number, MemoryBudget memory, CancellationToken cancellationToken)
    {
        var length = (int)plan.SizeOf(number);
        var lease = await memory.AcquireAsync(length, cancellationToken);
        var part = new PartBuffer(ArrayPool<byte>.Shared.Rent(length), lease, number, length);
        try
        {
            var read = await source.ReadAtLeastAsync(part._array.AsMemory(0, length), length, throwOnEndOfStream: false, cancellationToken);
            if (read < length)
                throw new StoreException(StoreErrorKind.Integrity, FormattableString.Invariant($"The content ended after {plan.Start(number) + read} of {plan.Length} bytes."));
            if (number == plan.Count && await source.ReadAsync(new byte[1], cancellationToken) > 0)
                throw new StoreException(StoreErrorKind.Integrity, FormattableString.Invariant($"The content is longer than the {plan.Length} bytes it was said to have."));
            return part;
        }
        catch
        {
            part.Dispose();
            throw;
        }
    }

    /// <summary>Whether a part with this ETag holds the same bytes; hashes them, so it is asked only where such a part exists.</summary>
    public bool HasETag(string etag)
    {
        // MD5 is what S3 calls an ETag, not a safeguard: a part that differs is sent again, and the object's digest is checked elsewhere.
#pragma warning disable CA5351
        Span<byte> hash = stackalloc byte[MD5.HashSizeInBytes];
        MD5.HashData(_array.AsSpan(0, _length), hash);
#pragma warning restore CA5351
        return Convert.ToHexString(hash).Equals(etag.Trim('"'), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A body for one attempt.</summary>
    public RequestBody Body(StoreTraffic traffic) =>
        new(new MemoryStream(_array, 0, _length, writable: false), _length, _sha256 ??= Digest.OfSha256(_array.AsSpan(0, _length)).Hex, traffic);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_array);
        _lease.Dispose();
    }
}
