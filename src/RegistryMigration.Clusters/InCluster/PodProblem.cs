using System.Globalization;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>What keeps a pod from its work, in words that name the next step.</summary>
/// <param name="Reason">As Kubernetes names it: OOMKilled, ImagePullBackOff, Unschedulable, FailedMount, …</param>
/// <param name="Message">What happened and what to do.</param>
/// <param name="Patience">How long it may pass by itself; null is an end that the Job controller answers with the next attempt.</param>
internal sealed record PodProblem(string Reason, string Message, TimeSpan? Patience)
{
    private static readonly TimeSpan AtOnce = TimeSpan.Zero;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Mounting = TimeSpan.FromMinutes(2);

    /// <summary>What is wrong with a pod; null where nothing is.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="events">Its events; empty where nobody asked for them.</param>
    public static PodProblem? Of(Resource pod, IReadOnlyList<Resource> events) => pod.Text("status", "phase") switch
    {
        "Failed" => Ended(pod),
        "Pending" or "Running" or null => Waiting(pod) ?? Unscheduled(pod) ?? Unmounted(pod, events),
        _ => null,
    };

    /// <summary>Why a Job makes no pods: a quota, or nobody may run such pods.</summary>
    public static PodProblem? OfJob(Resource job, IReadOnlyList<Resource> events) =>
        Newest(events, "FailedCreate") is { } failed
            ? new("FailedCreate", $"The Job {job.Name} can't make pods: {failed.Text("message")} {(IsConstraint(failed) ? "Name a constraint that fits with -RequiredScc, or leave out what it forbids (-RunAsUser, -FSGroup)." : "Raise the quota or ask for less (-CpuRequest, -MemoryLimit), then wait again.")}", Soon)
            : null;

    /// <summary>The exit code of a pod's worker; null while it runs or where the node took it away.</summary>
    public static int? ExitCodeOf(Resource pod) => (int?)Terminated(pod)?.Number("exitCode");

    /// <summary>The last words of a pod's worker.</summary>
    public static string? LastWordsOf(Resource pod) => Terminated(pod)?.Text("message");

    private static PodProblem Ended(Resource pod)
    {
        var code = ExitCodeOf(pod);
        var reason = Terminated(pod)?.Text("reason") ?? pod.Text("status", "reason") ?? "Error";
        var where = $"The pod {pod.Name} on {pod.Text("spec", "nodeName") ?? "no node"}";
        return (reason, code) switch
        {
            ("OOMKilled", _) => new(reason, $"{where} took more memory than its limit and was killed (OOMKilled). Start again with a larger -MemoryLimit, or a smaller -MaxConcurrency or -MemoryBudget: what is at the destination is not copied again.", null),
            ("Evicted", _) => new(reason, $"{where} was evicted: {pod.Text("status", "message")} The Job makes another one.", null),
            (_, 2) => new("Usage", $"{where} did not understand its settings (exit code 2). Image and module must be of one version: build the image from this version.", AtOnce),
            (_, 130 or 143) => new("Interrupted", $"{where} was stopped (exit code {Text(code)}). The Job makes another one.", null),
            (_, 137) => new("Killed", $"{where} was killed (exit code 137): by its node, or since it did not stop in time. The Job makes another one.", null),
            (_, null) => new(reason, $"{where} failed before its worker ended: {pod.Text("status", "message") ?? reason}.", null),
            _ => new(reason, $"{where} failed with exit code {Text(code)}.", null),
        };
    }

    private static PodProblem? Waiting(Resource pod)
    {
        foreach (var status in Statuses(pod))
        {
            var message = status.Text("state", "waiting", "message");
            switch (status.Text("state", "waiting", "reason"))
            {
                case ("ImagePullBackOff" or "InvalidImageName" or "ErrImageNeverPull") and var reason:
                    return new(reason, $"The pod {pod.Name} can't get its image {status.Text("image")} ({reason}): {message} Push the image to a registry that the node reaches (not the one that is migrated, once its writes are blocked), check the digest, and give -ImagePullSecret where it needs a login. Then Stop-RegistrySync and start again.", AtOnce);
                case "ErrImagePull":
                    return new("ErrImagePull", $"The pod {pod.Name} can't get its image {status.Text("image")}: {message}", Soon);
                case ("CreateContainerConfigError" or "CreateContainerError" or "RunContainerError" or "StartError") and var reason:
                    return new(reason, $"The container of the pod {pod.Name} can't be started ({reason}): {message} {(message?.Contains("runAsNonRoot", StringComparison.Ordinal) == true ? "Give a user above 0 with -RunAsUser." : "Remove the cause, then wait again.")}", Soon);
            }
        }

        return null;
    }

    private static PodProblem? Unscheduled(Resource pod) =>
        pod.Items("status", "conditions").FirstOrDefault(condition => (string?)condition["type"] == "PodScheduled" && (string?)condition["status"] == "False") is { } condition
            ? new((string?)condition["reason"] ?? "Unschedulable", $"No node takes the pod {pod.Name}: {(string?)condition["message"]} {(pod.Section("spec", "affinity") is null ? "Ask for less (-CpuRequest, -MemoryRequest), or make room." : "It must run on the node that mounts the claim: make room there, or ask for less (-CpuRequest, -MemoryRequest).")}", Soon)
            : null;

    private static PodProblem? Unmounted(Resource pod, IReadOnlyList<Resource> events)
    {
        if ((Newest(events, "FailedAttachVolume") ?? Newest(events, "FailedMount")) is not { } failed || Statuses(pod).Any(status => status.Section("state", "running") is not null))
            return null;
        var text = failed.Text("message");
        var step = text?.Contains("Multi-Attach", StringComparison.OrdinalIgnoreCase) == true
            ? "The claim moved to another node. Stop-RegistrySync and start again: the copy runs there then."
            : text?.Contains("secret", StringComparison.OrdinalIgnoreCase) == true ? "Somebody removed the Secret: Stop-RegistrySync and start again." : "See the events of the claim and its volume.";
        return new(failed.Text("reason")!, $"A volume of the pod {pod.Name} can't be mounted: {text} {step}", Mounting);
    }

    private static Resource? Newest(IReadOnlyList<Resource> events, string reason) =>
        events.Where(happened => happened.Text("reason") == reason).MaxBy(happened => happened.Text("lastTimestamp") ?? happened.Text("eventTime") ?? happened.Text("metadata", "creationTimestamp") ?? "", StringComparer.Ordinal);

    private static bool IsConstraint(Resource failed) => failed.Text("message")?.Contains("security context constraint", StringComparison.OrdinalIgnoreCase) == true;

    private static IEnumerable<Resource> Statuses(Resource pod) => pod.Items("status", "containerStatuses").Select(status => new Resource(status.AsObject()));

    private static Resource? Terminated(Resource pod) => Statuses(pod).Select(status => status.Section("state", "terminated")).OfType<System.Text.Json.Nodes.JsonObject>().Select(json => new Resource(json)).FirstOrDefault();

    private static string Text(int? code) => code?.ToString(CultureInfo.InvariantCulture) ?? "unknown";
}
