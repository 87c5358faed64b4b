namespace RegistryMigration.Engine.Tests.Registries.Images;

/// <summary>What the sample images are like. The same options give the same bytes.</summary>
public sealed record SampleOptions
{
    /// <summary>All content follows from it.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The first part of all repository names.</summary>
    public string Prefix { get; init; } = "samples";

    /// <summary>Bytes in the layer that is to be larger than a part or a segment; 6 MiB is above docker-registry's S3 minimum of 5 MiB.</summary>
    public int LargeBlobBytes { get; init; } = 6 << 20;

    /// <summary>Bytes in an ordinary layer.</summary>
    public int LayerBytes { get; init; } = 20_000;

    /// <summary>
    /// Push an image with a layer of 0 bytes. docker-registry 2.8.2 takes the empty blob on a directory and answers 500 to its
    /// upload on S3 (radosgw) and Swift.
    /// </summary>
    public bool EmptyLayer { get; init; } = true;

    /// <summary>
    /// Push an image with a foreign layer. docker-registry takes those only with <see cref="ForeignLayerConfig"/> in its configuration.
    /// </summary>
    public bool ForeignLayer { get; init; }

    /// <summary>The part of docker-registry's configuration that lets foreign layers in.</summary>
    public const string ForeignLayerConfig = """
        validation:
          manifests:
            urls:
              allow: ['^https://layers\.example\.com/']

        """;
}
