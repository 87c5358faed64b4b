using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes.Authentication;
using RegistryMigration.Clusters.Kubernetes.Requests;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Discovery;

/// <summary>Finds out who the API server takes us for.</summary>
internal static class Identity
{
    /// <summary>Our name: asked of Kubernetes (since 1.28), else of OpenShift, else read from the certificate or token, which may be wrong about mapped names. Null where nothing tells.</summary>
    public static async Task<string?> FindAsync(ApiTransport transport, IApiCredentials credentials, CancellationToken cancellationToken) =>
        (await TryAsync(transport, new ApiRequest
        {
            Method = HttpMethod.Post,
            Verb = "create",
            Path = "/apis/authentication.k8s.io/v1/selfsubjectreviews",
            Resource = "selfsubjectreviews.authentication.k8s.io",
            Body = new JsonObject { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "SelfSubjectReview" },
            IsRead = true,
        }, cancellationToken))?.Text("status", "userInfo", "username")
        ?? (await TryAsync(transport, new ApiRequest { Method = HttpMethod.Get, Verb = "get", Path = "/apis/user.openshift.io/v1/users/~", Resource = "users.user.openshift.io", Name = "~", IsRead = true }, cancellationToken))?.Name
        ?? Guess(await credentials.GetAsync(cancellationToken));

    private static async Task<Resource?> TryAsync(ApiTransport transport, ApiRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await transport.SendAsync(request, cancellationToken);
        }
        catch (ClusterException e) when (e.Kind is ClusterErrorKind.NotFound or ClusterErrorKind.NotServed or ClusterErrorKind.Denied or ClusterErrorKind.Invalid)
        {
            return null;
        }
    }

    private static string? Guess(ApiCredential credential) => credential switch
    {
        { Authorization: { Scheme: "Bearer", Parameter: { } token } } => Subject(token),
        { Authorization: null, Certificate: { } certificate } => certificate.TargetCertificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false),
        _ => null,
    };

    // A service account's token is a JWT whose subject is the account's name. Nothing is checked: it is only shown.
    private static string? Subject(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3)
            return null;
        try
        {
            var payload = parts[1].Replace('-', '+').Replace('_', '/');
            var bytes = Convert.FromBase64String(payload.PadRight((payload.Length + 3) / 4 * 4, '='));
            return JsonNode.Parse(bytes) is JsonObject json && new Resource(json).Text("sub") is { } subject && subject.StartsWith("system:serviceaccount:", StringComparison.Ordinal) ? subject : null;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }
}
