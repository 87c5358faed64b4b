using System.Globalization;
using System.Runtime.CompilerServices;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Reading;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Reading;

/// <summary>Lists the images of imagestreams that the cluster's own registry stores.</summary>
public static class ImageStreamReader
{
    /// <summary>Every such image once for each repository.</summary>
    /// <remarks>
    /// An imported image is only named here and lies in another registry, which the cluster's registry passes pulls on to. To pull one of
    /// these proves nothing about the storage, so they are left out: what lies here has a reference into the imagestream's own repository.
    /// </remarks>
    /// <param name="client">The cluster.</param>
    /// <param name="namespace">The namespace; null is all of them.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    public static async IAsyncEnumerable<RegistryImage> ListAsync(IKubernetesClient client, string? @namespace, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        await foreach (var stream in client.ListAsync(OpenShiftTypes.ImageStreams, @namespace, ListOptions.All, cancellationToken))
        {
            foreach (var image in Images(stream))
                yield return image;
        }
    }

    /// <summary>A draw of these images, each with the same chance. Only what is drawn is kept in memory.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="namespace">The namespace; null is all of them.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="seed">Makes the draw repeatable; null is another one each time.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    /// <returns>What was drawn, and of how many.</returns>
    public static async Task<(IReadOnlyList<RegistryImage> Drawn, long Seen)> DrawAsync(IKubernetesClient client, string? @namespace, int count, int? seed, CancellationToken cancellationToken)
    {
        var (drawn, seen) = (new List<RegistryImage>(), 0L);
#pragma warning disable CA5394 // A sample is no secret.
        var random = seed is { } given ? new Random(given) : new Random();
        await foreach (var image in ListAsync(client, @namespace, cancellationToken))
        {
            if (drawn.Count < count)
                drawn.Add(image);
            else if (random.NextInt64(seen + 1) is var place && place < count)
                drawn[(int)place] = image;
            seen++;
        }
#pragma warning restore CA5394
        return (drawn, seen);
    }

    private static IEnumerable<RegistryImage> Images(Resource stream)
    {
        var repository = $"{stream.Namespace}/{stream.Name}";
        if (stream.Text("status", "dockerImageRepository") is not { Length: > 0 } own || !ImageReference.IsRepository(repository))
            yield break;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tag in stream.Items("status", "tags").Select(JsonText.ObjectOf))
        {
            foreach (var item in tag.Items("items").Select(JsonText.ObjectOf))
            {
                if (item.Text("image") is not { } name || item.Text("dockerImageReference") is not { } reference || !reference.StartsWith(own + "@", StringComparison.Ordinal))
                    continue;
                if (Digest.TryParse(name, out var digest) && seen.Add(name))
                    yield return new RegistryImage(repository, tag.Text("tag") ?? "", digest, TimeOf(item.Text("created")));
            }
        }
    }

    private static DateTimeOffset? TimeOf(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
