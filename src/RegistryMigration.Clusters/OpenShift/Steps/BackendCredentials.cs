using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Steps;

/// <summary>Whether the operator has credentials for a storage, and none that would get in the way.</summary>
internal static class BackendCredentials
{
    /// <summary>Why the operator could not use the storage; null where nothing speaks against it, or the secrets can't be read.</summary>
    /// <param name="kind">The storage.</param>
    /// <param name="credentials">The administrator's secret, where there is one.</param>
    /// <param name="cloudSecret">The cloud's secret; null where there is none.</param>
    public static string? ObstacleTo(BackendKind kind, RegistryCredentialSource credentials, Resource? cloudSecret)
    {
        if (!credentials.IsKnown || kind is BackendKind.Volume or BackendKind.EmptyDir or BackendKind.None)
            return null;
        if (credentials.IsUserSecret && !credentials.Backends.Contains(kind))
            return $"The secret {credentials.Secret} holds credentials for {(credentials.Backends.Count == 0 ? "nothing known" : string.Join(", ", credentials.Backends))} and wins over all others, so the operator would have none for {kind}. Replace it with Set-ImageRegistryCredential, or delete it where the cloud's own credentials are meant.";
        // pkg/storage/swift/swift.go and s3/s3.go, GetConfig.
        var key = kind == BackendKind.Swift ? "clouds.yaml" : "aws_access_key_id";
        if (!credentials.IsUserSecret && cloudSecret?.Section("data")?.ContainsKey(key) != true)
            return $"The operator has no credentials for {kind}. Give them with Set-ImageRegistryCredential.";
        return null;
    }
}
