using System.Globalization;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Reading;

namespace RegistryMigration.Clusters.OpenShift.References;

/// <summary>Finds the images that OpenShift's own types name.</summary>
internal static class ImagePlaces
{
    public static IEnumerable<ReferencePlace> OfImage(Resource image) => At(image, "dockerImageReference");

    // The status comes first: a changed spec would make the controller take over what the status still says.
    public static IEnumerable<ReferencePlace> OfImageStream(Resource stream)
    {
        foreach (var (tag, at) in Indexed(stream, "status", "tags"))
        {
            foreach (var (item, index) in Indexed(tag, "items"))
            {
                foreach (var place in At(item, "dockerImageReference"))
                    yield return place with { Path = ["status", "tags", at, "items", index, .. place.Path], IsStatus = true };
            }
        }

        foreach (var place in At(stream, "spec", "dockerImageRepository"))
            yield return place;
        foreach (var (tag, at) in Indexed(stream, "spec", "tags"))
        {
            foreach (var place in From(tag, "from"))
                yield return place with { Path = ["spec", "tags", at, .. place.Path] };
        }
    }

    public static IEnumerable<ReferencePlace> OfBuildConfig(Resource build)
    {
        string[][] paths =
        [
            ["spec", "output", "to"], ["spec", "strategy", "customStrategy", "from"], ["spec", "strategy", "dockerStrategy", "from"], ["spec", "strategy", "sourceStrategy", "from"],
        ];
        foreach (var place in paths.SelectMany(path => From(build, path)))
            yield return place;
        foreach (var (image, at) in Indexed(build, "spec", "source", "images"))
        {
            foreach (var place in From(image, "from"))
                yield return place with { Path = ["spec", "source", "images", at, .. place.Path] };
        }
    }

    // An ImageStreamTag is a name within the cluster and no reference.
    private static IEnumerable<ReferencePlace> From(Resource resource, params string[] path) =>
        resource.Text([.. path, "kind"]) == "DockerImage" ? At(resource, [.. path, "name"]) : [];

    private static IEnumerable<ReferencePlace> At(Resource resource, params string[] path) =>
        resource.Text(path) is { Length: > 0 } value ? [new ReferencePlace(path, value)] : [];

    private static IEnumerable<(Resource Item, string Index)> Indexed(Resource resource, params string[] path) =>
        resource.Items(path).Select((item, index) => (JsonText.ObjectOf(item), index.ToString(CultureInfo.InvariantCulture)));
}
