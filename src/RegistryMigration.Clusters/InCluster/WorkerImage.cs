using System.Text.RegularExpressions;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>An image by its digest: what was tested is what runs, in every pod and every retry.</summary>
internal static partial class WorkerImage
{
    /// <summary>The image as it was given.</summary>
    /// <exception cref="ClusterException">It names no digest, or is no image name.</exception>
    public static string Check(string image) => Pinned().IsMatch(image)
        ? image
        : throw new ClusterException(ClusterErrorKind.Configuration, image.Contains('@', StringComparison.Ordinal)
            ? $"'{image}' is no image by digest. Expected name@sha256: and 64 hexadecimal digits."
            : $"'{image}' names no digest, and what a tag points at can change between two pods. Give name@sha256:… instead: "
              + $"skopeo inspect --format '{{{{.Digest}}}}' docker://{image} tells the digest, and podman push --digestfile writes it.");

    [GeneratedRegex("^[a-zA-Z0-9][a-zA-Z0-9._:/-]*@sha256:[0-9a-f]{64}$")]
    private static partial Regex Pinned();
}
