using System.Globalization;
using System.Runtime.CompilerServices;
using RegistryMigration.Clusters.Kubernetes;
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
