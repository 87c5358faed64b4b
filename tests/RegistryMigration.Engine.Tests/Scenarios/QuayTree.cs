using RegistryMigration.Engine.Layouts;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Scenarios;

/// <summary>What a Quay has below its storage_path, the sound, the broken and the rest; keys are below the root.</summary>
internal sealed class QuayTree
{
    // Above S3's multipart threshold (16 MiB) and one segment of Swift (20 MiB).
    private const int Large = (21 << 20) + 1;

    /// <summary>Objects that stand for folders.</summary>
    public static readonly string[] Folders = ["userfiles/", "sha256/00/"];

    private readonly Random _random;

    public QuayTree(int seed, bool large = false)
    {
        _random = new Random(seed);
        foreach (var size in new[] { 0, 1, 100, 4095, 4096, (128 << 10) - 1, 128 << 10, (128 << 10) + 1, 1 << 20 })
            AddBlob(size);
        for (var i = 0; i < 40; i++)
            AddBlob(_random.Next(1, 3000));
        Content["_verify"] = "testing 123"u8.ToArray();
        Content["sharedimages/8d3b/layer"] = Bytes(700);
        Content["userfiles/5f0e2a"] = Bytes(2000);
        Content["logarchive/2024-01.json.gz"] = Bytes(300);
        Content["logarchive/empty"] = [];
        Content["actionlogarchive/3/2024-01.json.gz"] = Bytes(900);
        Broken[Key(Bytes(50))] = Bytes(50);
        Broken[Key(Bytes(200_000))] = Bytes(200_000);
        Broken[Key(Bytes(60))] = [];
        Left["uploads/7b0c7c1c-8d5c-4d1b-9b56-2f5f4a1f6c11"] = Bytes(500);
        Left["uploads/a/b"] = Bytes(30);
        Left["torrents/f00d"] = Bytes(20);
        Left["sha256/zz/no-digest"] = Bytes(10);
        // No prefix leads to these.
        Left["README"] = Bytes(40);
        Left["sha256-sums.txt"] = Bytes(50);
        if (!large)
            return;
        AddBlob(Large);
        Content["logarchive/2024-large.json.gz"] = Bytes(Large);
    }

    /// <summary>What a copy brings.</summary>
    public SortedDictionary<string, byte[]> Content { get; } = new(StringComparer.Ordinal);

    /// <summary>Blobs whose content is not what their names say.</summary>
    public SortedDictionary<string, byte[]> Broken { get; } = new(StringComparer.Ordinal);

    /// <summary>Two unfinished uploads, and four things that Quay does not write.</summary>
    public SortedDictionary<string, byte[]> Left { get; } = new(StringComparer.Ordinal);

    public static string Key(byte[] content) => QuayLayout.Instance.BlobKey(Digest.OfSha256(content));

    /// <summary>Adds a blob of random bytes and returns its key.</summary>
    public string AddBlob(int size)
    {
        var content = Bytes(size);
        Content[Key(content)] = content;
        return Key(content);
    }

    /// <summary>Other content of the same size, as Quay writes <c>_verify</c> and archives anew.</summary>
    public byte[] Change(string key) => Content[key] = Bytes(Content[key].Length);

    /// <summary>Puts everything below a root; into buckets and containers also folders, as people's browsers of such do.</summary>
    public async Task FillAsync(QuayPlace place, string root)
    {
        foreach (var (key, content) in Content.Concat(Broken).Concat(Left))
            await place.PutAsync(root + key, content);
        foreach (var folder in place is QuayDirectory ? [] : Folders)
            await place.PutAsync(root + folder, []);
    }

    /// <summary>The storage has the content below a root, and nothing else at all.</summary>
    public async Task AssertIsAllInAsync(QuayPlace place, string root)
    {
        Assert.Equal(Content.Keys.Select(key => root + key).Order(StringComparer.Ordinal), await place.KeysAsync());
        foreach (var (key, content) in Content)
            Assert.True((await place.GetAsync(root + key)).AsSpan().SequenceEqual(content), $"{key} has other bytes.");
    }

    private byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }
}
