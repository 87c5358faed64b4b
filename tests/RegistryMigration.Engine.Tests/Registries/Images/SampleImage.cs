using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Registries.Images;

/// <summary>One image as it was pushed: what a pull must find.</summary>
/// <param name="What">What is special about it.</param>
/// <param name="References">Every tag that leads to it; by digest alone for a referrer without tag.</param>
/// <param name="Digest">The manifest's or index's digest.</param>
/// <param name="Manifests">All manifests that a pull reads, itself included.</param>
/// <param name="Blobs">All blobs that the registry must serve.</param>
/// <param name="ForeignLayers">Layers that it must not be asked for.</param>
public sealed record SampleImage(
    string What, IReadOnlyList<ImageReference> References, Digest Digest, IReadOnlySet<Digest> Manifests, IReadOnlySet<Digest> Blobs, int ForeignLayers = 0)
{
    /// <summary>Checks a pull of this image.</summary>
    public void ShouldMatch(PullResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        Assert.True(result.Ok, $"{What}: {string.Join("; ", result.Failures)}");
        Assert.Equal(Digest, result.Digest);
        Assert.Equal(Manifests.Count, result.Manifests);
        Assert.Equal(Blobs.Count, result.Blobs);
        Assert.Equal(ForeignLayers, result.ForeignLayers);
    }
}

/// <summary>Everything that was pushed.</summary>
public sealed record SampleSet(IReadOnlyList<SampleImage> Images)
{
    /// <summary>All references, each to be pulled.</summary>
    public IEnumerable<ImageReference> References => Images.SelectMany(image => image.References);

    /// <summary>The image that a reference leads to.</summary>
    public SampleImage this[ImageReference reference] => Images.Single(image => image.References.Contains(reference));

    /// <summary>The image that is special in this way.</summary>
    public SampleImage this[string what] => Images.Single(image => image.What == what);

    /// <summary>Tags by repository, as the registry's catalog must show them.</summary>
    public ILookup<string, string> Tags => References.Where(r => r.Tag is not null).ToLookup(r => r.Repository, r => r.Tag!, StringComparer.Ordinal);

    /// <summary>All distinct blobs.</summary>
    public IReadOnlySet<Digest> Blobs => Images.SelectMany(image => image.Blobs).ToHashSet();
}
