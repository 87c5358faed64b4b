using System.Globalization;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Reading;

namespace RegistryMigration.Clusters.OpenShift.References;

/// <summary>Finds the images of pods and of what makes pods.</summary>
internal static class PodPlaces
{
    private const string Ephemeral = "a debug container of a running pod can't be changed";

    public static IEnumerable<ReferencePlace> OfTemplate(Resource resource) => Of(resource, "spec", "template", "spec");

    public static IEnumerable<ReferencePlace> OfCronJob(Resource resource) => Of(resource, "spec", "jobTemplate", "spec", "template", "spec");

    public static IEnumerable<ReferencePlace> OfPod(Resource resource) => Of(resource, "spec");

    private static IEnumerable<ReferencePlace> Of(Resource resource, params string[] spec)
    {
        foreach (var list in (string[])["initContainers", "containers", "ephemeralContainers"])
        {
            var index = 0;
            foreach (var container in resource.Items([.. spec, list]).Select(JsonText.ObjectOf))
            {
                if (container.Text("image") is { Length: > 0 } image)
                    yield return new ReferencePlace([.. spec, list, index.ToString(CultureInfo.InvariantCulture), "image"], image, Fixed: list == "ephemeralContainers" ? Ephemeral : null);
                index++;
            }
        }
    }
}
