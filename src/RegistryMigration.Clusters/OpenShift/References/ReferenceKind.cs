using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Clusters.OpenShift.References;

/// <summary>A type whose objects name images, and how to find the places.</summary>
/// <param name="Name">The kind, as <c>-Kind</c> takes it.</param>
/// <param name="Group">The API group.</param>
/// <param name="Plural">The plural in paths.</param>
/// <param name="Places">Finds the places.</param>
internal sealed record ReferenceKind(string Name, string Group, string Plural, Func<Resource, IEnumerable<ReferencePlace>> Places)
{
    private const string JobTemplate = "the template of a Job can't be changed: delete the Job and create it anew with the other image";

    /// <summary>All of them: first what images are looked up by, then what runs them.</summary>
    public static readonly IReadOnlyList<ReferenceKind> All =
    [
        new("Image", "image.openshift.io", "images", ImagePlaces.OfImage),
        new("ImageStream", "image.openshift.io", "imagestreams", ImagePlaces.OfImageStream),
        new("Secret", "", "secrets", DockerSecrets.Places),
        new("BuildConfig", "build.openshift.io", "buildconfigs", ImagePlaces.OfBuildConfig),
        new("DeploymentConfig", "apps.openshift.io", "deploymentconfigs", PodPlaces.OfTemplate),
        new("Deployment", "apps", "deployments", PodPlaces.OfTemplate),
        new("StatefulSet", "apps", "statefulsets", PodPlaces.OfTemplate),
        new("DaemonSet", "apps", "daemonsets", PodPlaces.OfTemplate),
        new("CronJob", "batch", "cronjobs", PodPlaces.OfCronJob),
        new("Job", "batch", "jobs", job => PodPlaces.OfTemplate(job).Select(place => place with { Fixed = JobTemplate })),
        new("ReplicationController", "", "replicationcontrollers", PodPlaces.OfTemplate),
        new("Pod", "", "pods", PodPlaces.OfPod),
    ];
}
