using RegistryMigration.Model;

namespace RegistryMigration.Engine.Audit;

/// <summary>Which blobs a store has and how large they are: 24 bytes for each, so 240 MB for ten million.</summary>
/// <remarks>
/// Listings come sorted, so that each shard of one (the first hex digit) appends, and a lookup is a binary search. Shards are filled by
/// one writer each; lookups start when all are full; flags may then be set from anywhere.
/// </remarks>
internal sealed class BlobTable
{
    private readonly Dictionary<string, Shard[]> _shards = new(StringComparer.Ordinal)
    {
        ["sha256"] = NewShards(),
        ["sha512"] = NewShards(),
    };

    /// <summary>Blobs in all.</summary>
    public long Count => Shards.Sum(shard => (long)shard.Count);

    private IEnumerable<Shard> Shards => _shards.Values.SelectMany(shards => shards);

    /// <summary>The shard of digests that start with a hex digit.</summary>
    public Shard ShardOf(string algorithm, int firstDigit) => _shards[algorithm][firstDigit];

    /// <summary>Looks a blob up.</summary>
    public bool TryFind(Digest digest, out BlobSlot slot) => TryFind(digest.Algorithm, BlobId.Of(digest), out slot);

    /// <inheritdoc cref="TryFind(Digest, out BlobSlot)" />
    public bool TryFind(string algorithm, BlobId id, out BlobSlot slot)
    {
        slot = _shards[algorithm][id.High >> 60].Find(id);
        return slot.Exists;
    }

    /// <summary>Blobs that nothing links to, and their bytes.</summary>
    public (long Count, long Bytes) Orphans()
    {
        long count = 0, bytes = 0;
        foreach (var shard in Shards)
        {
            for (var i = 0; i < shard.Count; i++)
            {
                var slot = shard.At(i);
                if (slot.IsLinked || slot.IsGone)
                    continue;
                count++;
                bytes += slot.Size;
            }
        }

        return (count, bytes);
    }

    private static Shard[] NewShards() => [.. Enumerable.Range(0, 16).Select(_ => new Shard())];

    /// <summary>The blobs of one shard, in order.</summary>
    internal sealed class Shard
    {
        // 48 KiB a chunk: below the large object heap, and growth copies nothing.
        private const int ChunkBits = 11;
        private const int ChunkSize = 1 << ChunkBits;
        private readonly List<Entry[]> _chunks = [];

        public int Count { get; private set; }

        /// <summary>Appends a blob; the listing's order was checked already.</summary>
        public BlobSlot Add(BlobId id, long size)
        {
            if (Count == _chunks.Count << ChunkBits)
                _chunks.Add(new Entry[ChunkSize]);
            var slot = new BlobSlot(_chunks[Count >> ChunkBits], Count & (ChunkSize - 1));
            slot.Initialize(id, size);
            Count++;
            return slot;
        }

        public BlobSlot At(int index) => new(_chunks[index >> ChunkBits], index & (ChunkSize - 1));

        public BlobSlot Find(BlobId id)
        {
            var (low, high) = (0, Count - 1);
            while (low <= high)
            {
                var middle = (low + high) >>> 1;
                var slot = At(middle);
                switch (slot.Id.CompareTo(id))
                {
                    case 0:
                        return slot.IsGone ? default : slot;
                    case < 0:
                        low = middle + 1;
                        break;
                    default:
                        high = middle - 1;
                        break;
                }
            }

            return default;
        }
    }

    /// <summary>What is kept of a blob: its digest's first half, and its size under three flags.</summary>
    internal struct Entry
    {
        public ulong High;
        public ulong Low;
        public long State;
    }
}
