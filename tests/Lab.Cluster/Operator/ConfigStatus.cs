using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>The conditions of a Config, with the real operator's reasons and messages.</summary>
internal static class ConfigStatus
{
    private static readonly TimeSpan UnavailableForLong = TimeSpan.FromMinutes(5);

    /// <summary>Sets Available, Progressing, Degraded and Removed.</summary>
    public static void Set(Conditions conditions, string state, Resource? deployment, OperatorException? failure)
    {
        var available = Available(state, deployment, failure);
        conditions.Set("Available", available.Status, available.Reason, available.Message);
        var progressing = Progressing(state, deployment, failure);
        conditions.Set("Progressing", progressing.Status, progressing.Reason, progressing.Message);
        var degraded = Degraded(conditions, state, deployment, failure, available.Message);
        conditions.Set("Degraded", degraded.Status, degraded.Reason, degraded.Message);
        conditions.Set("Removed", state == "Removed" ? "True" : "False", state == "Removed" ? "Removed" : "", state == "Removed" ? "The registry is removed" : "");
    }

    private static (string Status, string Reason, string Message) Available(string state, Resource? deployment, OperatorException? failure) => (state, deployment) switch
    {
        ("Unmanaged", _) => ("True", "Unmanaged", "The registry configuration is set to unmanaged mode"),
        (_, null) when failure?.Reason is { } reason => ("False", reason, $"Error: {failure.Message}"),
        ("Removed", null) => ("True", "Removed", "The registry is removed"),
        (_, null) => ("False", "DeploymentNotFound", "The deployment does not exist"),
        (_, { } found) when found.Text("metadata", "deletionTimestamp") is not null => ("False", "DeploymentDeleted", "The deployment is being deleted"),
        (_, { } found) when (found.Number("status", "availableReplicas") ?? 0) == 0 => ("False", "NoReplicasAvailable", "The deployment does not have available replicas"),
        (_, { } found) when found.Number("status", "availableReplicas") != found.Number("status", "replicas") => ("True", "MinimumAvailability", "The registry has minimum availability"),
        _ => ("True", "Ready", "The registry is ready"),
    };

    private static (string Status, string Reason, string Message) Progressing(string state, Resource? deployment, OperatorException? failure) => (state, deployment) switch
    {
        ("Unmanaged", _) => ("False", "Unmanaged", "The registry configuration is set to unmanaged mode"),
        ("Removed", null) => ("False", "Removed", "All registry resources are removed"),
        ("Removed", _) => ("True", "DeletingDeployment", "The deployment is being removed"),
        _ when failure is not null => (failure.Reason is null ? "True" : "False", "Error", $"Unable to apply resources: {failure.Message}"),
        (_, null) => ("True", "WaitingForDeployment", "All resources are successfully applied, but the deployment does not exist"),
        (_, { } found) when found.Text("metadata", "deletionTimestamp") is not null => ("True", "FinalizingDeployment", "The deployment is being deleted"),
        (_, { } found) when !IsComplete(found) => ("True", "DeploymentNotCompleted", "The deployment has not completed"),
        _ => ("False", "Ready", "The registry is ready"),
    };

    private static (string Status, string Reason, string Message) Degraded(Conditions conditions, string state, Resource? deployment, OperatorException? failure, string unavailable)
    {
        if (state == "Unmanaged")
            return ("False", "Unmanaged", "The registry configuration is set to unmanaged mode");
        if (failure?.Reason is { } reason)
            return ("True", reason, $"Error: {failure.Message}");
        if (state == "Removed")
            return ("False", "Removed", "The registry is removed");
        if (conditions["Available"] != "True")
            return TimeProvider.System.GetUtcNow() - conditions.Since("Available") > UnavailableForLong ? ("True", "Unavailable", unavailable) : ("False", "", "");
        var progress = Progress(deployment!);
        return progress?["reason"]?.GetValue<string>() == "ProgressDeadlineExceeded"
            ? ("True", "ProgressDeadlineExceeded", $"Registry deployment has timed out progressing: {progress["message"]}")
            : ("False", "", "");
    }

    private static bool IsComplete(Resource deployment) => Progress(deployment) is { } progress && progress["status"]?.GetValue<string>() == "True" && progress["reason"]?.GetValue<string>() == "NewReplicaSetAvailable";

    private static JsonNode? Progress(Resource deployment) => deployment.Items("status", "conditions").FirstOrDefault(condition => condition["type"]?.GetValue<string>() == "Progressing");
}
