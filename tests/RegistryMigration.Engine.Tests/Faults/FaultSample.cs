using System.Text;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Faults;

/// <summary>A small registry: a few repositories, and one image with a layer that goes in parts or segments.</summary>
internal sealed class FaultSample
{
    public const string LargeRepository = "big/app";

    // Every part differs, so that a part in the wrong place shows.
    private static readonly string LargeLayer = Convert.ToHexString(Bytes(11 << 19));

    public FaultSample()
    {
        Registry = new TestRegistry(Store);
        for (var i = 0; i < 4; i++)
            Registry.Image("team/app", $"v{i}", "base", $"layer {i}");
        Registry.Index("team/index", "v1", Registry.Image("team/index", null, "one"), Registry.Image("team/index", null, "other"));
        // By hand: the registry's images repeat their layers' text in the config.
        var config = Registry.Layer(LargeRepository, Registry.Blob("{\"config\":\"large\"}"));
        Registry.Layer(LargeRepository, Registry.Blob(LargeLayer));
        Registry.Manifest(LargeRepository, "v1", $$"""
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
             "config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":18,"digest":"{{config}}"},
             "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","size":{{LargeLayer.Length}},"digest":"{{Large}}"}]}
            """);
    }

    /// <summary>The large layer: 11 MiB.</summary>
    public static Digest Large { get; } = Digest.OfSha256(Encoding.ASCII.GetBytes(LargeLayer));

    public static string LargeKey { get; } = DistributionLayout.Instance.BlobKey(Large);

    /// <summary>A small layer that one image needs.</summary>
    public static Digest Small { get; } = Digest.OfSha256("layer 2"u8);

    public MemoryStore Store { get; } = new() { Name = "sample" };

    public TestRegistry Registry { get; }

    public OpenStore Open() => Store.Open();

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(42).NextBytes(bytes);
        return bytes;
    }
}
