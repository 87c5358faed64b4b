using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.References;

/// <summary>The images that the registry itself has to hold: those that imagestreams say were pushed to it.</summary>
public static class ImageStreamImages
{
    /// <summary>A draw of the newest image of each tag, by digest.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="seed">Makes the draw repeatable; null is another one each time.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="ClusterException">Imagestreams may not be listed, or are not served.</exception>
    public static async Task<IReadOnlyList<ImageReference>> DrawAsync(IKubernetesClient client, int count, int? seed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        var all = new List<ImageReference>();
        await foreach (var stream in client.ListAsync(OpenShiftTypes.ImageStreams, null, ListOptions.All, cancellationToken))
            all.AddRange(Of(stream));
#pragma warning disable CA5394 // A draw that can be repeated is wanted; nothing secret depends on it.
        var random = seed is { } given ? new Random(given) : new Random();
        return [.. all.Distinct().OrderBy(_ => random.Next()).Take(count)];
#pragma warning restore CA5394
    }

    /// <summary>The pushed images of one stream.</summary>
    /// <remarks>What was imported names another registry; it would be fetched from there, and proves nothing about the storage.</remarks>
    public static IEnumerable<ImageReference> Of(Resource stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (stream.Text("status", "dockerImageRepository") is not { Length: > 0 } repository)
            yield break;
        foreach (var tag in stream.Items("status", "tags").Select(JsonText.ObjectOf))
        {
            if (tag.Items("items").Select(JsonText.ObjectOf).FirstOrDefault() is { } newest
                && newest.Text("dockerImageReference")?.StartsWith(repository + "@", StringComparison.Ordinal) == true
                && Digest.TryParse(newest.Text("image"), out var digest))
            {
                yield return ImageReference.ByDigest($"{stream.Namespace}/{stream.Name}", digest);
            }
        }
    }
}
