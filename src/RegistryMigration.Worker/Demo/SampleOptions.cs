namespace RegistryMigration.Worker.Demo;

/// <summary>How large a sample is to be.</summary>
public sealed record SampleOptions
{
    /// <summary>Repositories; at least 1.</summary>
    public int Repositories { get; init; } = 12;

    /// <summary>Images in each; at least 1.</summary>
    public int ImagesPerRepository { get; init; } = 3;

    /// <summary>Bytes in the largest layer; above the 20 MiB segments of Swift and the 16 MiB from which S3 gets parts, by default.</summary>
    public int LargeLayerBytes { get; init; } = 25 << 20;

    /// <summary>Another seed gives other blobs.</summary>
    public int Seed { get; init; } = 1;
}

/// <summary>What a sample holds.</summary>
/// <param name="Repositories">Repositories.</param>
/// <param name="Tags">Tags.</param>
/// <param name="Manifests">Manifests, lists and indexes included.</param>
/// <param name="Blobs">Blobs, manifests included, each once.</param>
/// <param name="BlobBytes">Their bytes.</param>
public sealed record SampleSummary(int Repositories, int Tags, int Manifests, int Blobs, long BlobBytes);
