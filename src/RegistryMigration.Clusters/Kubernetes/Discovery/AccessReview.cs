using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes.Requests;

namespace RegistryMigration.Clusters.Kubernetes.Discovery;

/// <summary>Asks what this account may do: https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access.</summary>
internal static class AccessReview
{
    public static async Task<bool> MayAsync(ApiTransport transport, string verb, ResourceType type, string? @namespace, string? name, CancellationToken cancellationToken)
    {
        // pods/exec is a resource and a subresource here.
        var parts = type.Plural.Split('/', 2);
        var attributes = new JsonObject { ["verb"] = verb, ["group"] = type.Group, ["version"] = type.Version, ["resource"] = parts[0] };
        if (parts.Length > 1)
            attributes["subresource"] = parts[1];
        if (@namespace is not null)
            attributes["namespace"] = @namespace;
        if (name is not null)
            attributes["name"] = name;
        var answer = await transport.SendAsync(new ApiRequest
        {
            Method = HttpMethod.Post,
            Verb = "create",
            Path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            Resource = "selfsubjectaccessreviews.authorization.k8s.io",
            Body = new JsonObject { ["apiVersion"] = "authorization.k8s.io/v1", ["kind"] = "SelfSubjectAccessReview", ["spec"] = new JsonObject { ["resourceAttributes"] = attributes } },
            // A question in the form of an object: nothing is stored.
            IsRead = true,
        }, cancellationToken);
        return answer.Flag("status", "allowed") ?? false;
    }
}
