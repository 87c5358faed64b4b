using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Support;

/// <summary>The refusals of a <see cref="FakeKubernetes"/>, with kind, reason and status as the real client has them.</summary>
internal static class FakeErrors
{
    public static ClusterException NotFound(ResourceType type, string? @namespace, string name) => Make(ClusterErrorKind.NotFound, 404, "NotFound", type, @namespace, name, "is not there");

    public static ClusterException NotServed(ResourceType type) => Make(ClusterErrorKind.NotServed, 404, null, type, null, null, "are not served here");

    public static ClusterException Conflict(ResourceType type, string? @namespace, string name, string reason = "Conflict") => Make(ClusterErrorKind.Conflict, 409, reason, type, @namespace, name, reason == "AlreadyExists" ? "exists already" : "was changed meanwhile");

    public static ClusterException Invalid(ResourceType type, string? @namespace, string name, string why) => Make(ClusterErrorKind.Invalid, 422, "Invalid", type, @namespace, name, $"is refused: {why}");

    public static ClusterException Denied(FakeRequest request, string? user) =>
        new(ClusterErrorKind.Denied, $"The account '{user}' may not {request}. Grant it the verb '{request.Verb}' on {request.Type}.") { StatusCode = 403, Reason = "Forbidden" };

    private static ClusterException Make(ClusterErrorKind kind, int status, string? reason, ResourceType type, string? @namespace, string? name, string what)
    {
        var target = $"{type}{(name is null ? "" : $"/{name}")}{(@namespace is null ? "" : $" in {@namespace}")}";
        return new ClusterException(kind, $"{target} {what}.") { StatusCode = status, Reason = reason, Target = target };
    }
}
