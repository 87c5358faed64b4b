using System.Globalization;

namespace RegistryMigration.Benchmarks.Trees;

/// <summary>What a registry's tree looks like. Trees of the same shape are the same, byte for byte.</summary>
internal sealed record TreeShape
{
    private const double LayerSigma = 1.5;
    private const long SmallestLayer = 100;

    /// <summary>The name in tables and on the command line.</summary>
    public required string Name { get; init; }

    /// <summary>What it stands for, in a few words.</summary>
    public required string Description { get; init; }

    /// <summary>Images; each brings two small blobs, its configuration and its manifest.</summary>
    public required int Images { get; init; }

    /// <summary>Repositories, which get the images in turn.</summary>
    public required int Repositories { get; init; }

    /// <summary>Bytes of all layers together, at least.</summary>
    public required long LayerBytes { get; init; }

    /// <summary>Layers of exactly <see cref="LargeLayerBytes"/>; the others follow a log-normal distribution.</summary>
    public int LargeLayers { get; init; } = 1;

    /// <summary>Bytes of one large layer.</summary>
    public long LargeLayerBytes { get; init; } = 256L << 20;

    /// <summary>The median size of the other layers, in bytes.</summary>
    public long MedianLayerBytes { get; init; } = 5L << 20;

    /// <summary>No layer is larger, in bytes.</summary>
    public long LayerLimit { get; init; } = 500L << 20;

    /// <summary>The fewest layers of an image.</summary>
    public int FewestLayers { get; init; } = 2;

    /// <summary>The most layers of an image.</summary>
    public int MostLayers { get; init; } = 9;

    /// <summary>Different layers that the images of one repository choose from.</summary>
    public int LayersOfRepository { get; init; } = 30;

    /// <summary>The share of images with a tag, from 0 to 1.</summary>
    public double TaggedShare { get; init; } = 0.4;

    /// <summary>Uploads in progress.</summary>
    public int Uploads { get; init; } = 5;

    /// <summary>10,000 small blobs and 2 GiB of layers in 100 repositories.</summary>
    public static TreeShape Full { get; } = new()
    {
        Name = "full",
        Description = "10,000 configurations and manifests, 2 GiB of layers, 100 repositories",
        Images = 5_000,
        Repositories = 100,
        LayerBytes = 2L << 30,
    };

    /// <summary>Eight layers of 256 MiB.</summary>
    public static TreeShape Big { get; } = new()
    {
        Name = "big",
        Description = "8 layers of 256 MiB",
        Images = 8,
        Repositories = 1,
        LayerBytes = 2L << 30,
        LargeLayers = 8,
        Uploads = 0,
    };

    /// <summary>About 200,000 links in 2,200 repositories.</summary>
    public static TreeShape Links { get; } = new()
    {
        Name = "links",
        Description = "about 200,000 links in 2,200 repositories, next to no content",
        Images = 11_000,
        Repositories = 2_200,
        LayerBytes = 1L << 20,
        LargeLayers = 0,
        MedianLayerBytes = 2L << 10,
        FewestLayers = 14,
        MostLayers = 20,
        LayersOfRepository = 400,
    };

    /// <summary>Small enough to try the whole harness in minutes, with one layer that is a large object in Swift.</summary>
    public static TreeShape Smoke { get; } = new()
    {
        Name = "smoke",
        Description = "200 small blobs, 32 MiB of layers, 5 repositories",
        Images = 100,
        Repositories = 5,
        LayerBytes = 32L << 20,
        LargeLayerBytes = 24L << 20,
        MedianLayerBytes = 64L << 10,
        LayerLimit = 4L << 20,
        Uploads = 2,
    };

    /// <summary>The same shape with more or fewer images, repositories and bytes; the large layers stay as they are, but at least one fits.</summary>
    /// <param name="factor">1 changes nothing.</param>
    public TreeShape Scaled(double factor) => factor == 1 ? this : this with
    {
        Name = string.Create(CultureInfo.InvariantCulture, $"{Name}-x{factor:0.####}"),
        Description = string.Create(CultureInfo.InvariantCulture, $"{Description}; scaled by {factor:0.####}"),
        Images = Math.Max(1, (int)(Images * factor)),
        Repositories = Math.Max(1, Math.Min((int)(Repositories * Math.Max(1, factor)), Images)),
        LayerBytes = Math.Max(SmallestLayer, (long)(LayerBytes * factor)),
        LargeLayers = LargeLayers <= 1 ? LargeLayers : Math.Max(1, (int)(LargeLayers * factor)),
    };

    /// <summary>The sizes of layers up to a total, large ones first, in bytes.</summary>
    /// <param name="random">Where the sizes come from.</param>
    /// <param name="total">Bytes of all together; at least the large ones.</param>
    /// <param name="large">How many large ones.</param>
    public IEnumerable<long> LayerSizes(DeterministicRandom random, long total, int large)
    {
        for (var i = 0; i < large; i++, total -= LargeLayerBytes)
            yield return LargeLayerBytes;
        while (total > 0)
        {
            var size = (long)Math.Clamp(random.LogNormal(MedianLayerBytes, LayerSigma), SmallestLayer, LayerLimit);
            yield return Math.Min(size, Math.Max(SmallestLayer, total));
            total -= size;
        }
    }
}
