using System.Text.Json.Nodes;

namespace RegistryMigration.Clusters.Kubernetes.Reading;

/// <summary>Reads what pods are made from: the template of a deployment, or a pod by itself.</summary>
internal static class PodTemplate
{
    /// <summary>A pod, to be read as what has a template: it has its containers and volumes where that has them.</summary>
    public static Resource OfPod(Resource pod) => new(new JsonObject { ["spec"] = new JsonObject { ["template"] = new JsonObject { ["spec"] = pod.Section("spec")?.DeepClone() } } });

    /// <summary>A variable of the first container that has it; null where none has, or where it comes from elsewhere (a secret).</summary>
    public static string? Variable(Resource workload, string name) => workload.Items("spec", "template", "spec", "containers")
        .Select(JsonText.ObjectOf)
        .SelectMany(container => container.Items("env"))
        .Select(JsonText.ObjectOf)
        .FirstOrDefault(variable => variable.Text("name") == name)?
        .Text("value");

    /// <summary>The volumes.</summary>
    public static IEnumerable<Resource> Volumes(Resource workload) => workload.Items("spec", "template", "spec", "volumes").Select(JsonText.ObjectOf);
}
