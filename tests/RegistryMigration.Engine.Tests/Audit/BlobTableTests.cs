using System.Security.Cryptography;
using RegistryMigration.Engine.Audit;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Audit;

public sealed class BlobTableTests
{
    [Fact]
    public void Finds_what_was_added_and_nothing_else()
    {
        var digests = Enumerable.Range(0, 20_000).Select(i => Digest.OfSha256(BitConverter.GetBytes(i))).OrderBy(digest => digest.Hex, StringComparer.Ordinal).ToList();
        var table = new BlobTable();
        foreach (var (digest, i) in digests.Select((digest, i) => (digest, i)))
        {
            if (i % 2 == 0)
                table.ShardOf("sha256", Convert.ToInt32(digest.Hex[..1], 16)).Add(BlobId.Of(digest), i);
        }

        Assert.Equal(10_000, table.Count);
        foreach (var (digest, i) in digests.Select((digest, i) => (digest, i)))
        {
            Assert.Equal(i % 2 == 0, table.TryFind(digest, out var slot));
            if (slot.Exists)
                Assert.Equal((i, BlobId.Of(digest)), (slot.Size, slot.Id));
        }
    }

    [Fact]
    public void Flags_leave_the_size_alone_and_each_other()
    {
        var digest = Digest.FromHash("sha512", SHA512.HashData([1]));
        var table = new BlobTable();
        var slot = table.ShardOf("sha512", Convert.ToInt32(digest.Hex[..1], 16)).Add(BlobId.Of(digest), 5L << 40);
        Assert.Equal((1, 5L << 40), table.Orphans());

        Assert.True(slot.MarkBad());
        Assert.False(slot.MarkBad());
        slot.MarkLinked();
        Assert.True(table.TryFind(digest, out var found));
        Assert.Equal((5L << 40, true, true, false), (found.Size, found.IsBad, found.IsLinked, found.IsGone));
        Assert.Equal((0, 0), table.Orphans());

        slot.MarkGone();
        Assert.False(table.TryFind(digest, out _));
    }

    [Fact]
    public void A_million_blobs_take_24_megabytes()
    {
        var table = new BlobTable();
        var shard = table.ShardOf("sha256", 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (ulong i = 0; i < 1_000_000; i++)
            shard.Add(new BlobId(i, 0), 1);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 24_000_000, 24_500_000);
    }
}
