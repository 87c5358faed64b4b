using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Steps;

/// <summary>Whether the operator has credentials for a storage, and none that would get in the way.</summary>
internal static class BackendCredentials
{
    /// <summary>Why the operator could not use the storage; null where nothing speaks against it, or the secrets can't be read.</summary>
    public static string? ObstacleTo(BackendKind kind, RegistryCredentialSource credentials, bool hasCloudSecret)
    {
        if (!credentials.IsKnown || kind is BackendKind.Volume or BackendKind.EmptyDir or BackendKind.None)
            return null;
        if (credentials.IsUserSecret && !credentials.Backends.Contains(kind))
            return $"The secret {credentials.Secret} holds credentials for {(credentials.Backends.Count == 0 ? "nothing known" : string.Join(", ", credentials.Backends))} and wins over all others, so the operator would have none for {kind}. Replace it with Set-ImageRegistryCredential, or delete it where the cloud's own credentials are meant.";
        if (!credentials.IsUserSecret && (kind != BackendKind.Swift || !hasCloudSecret))
            return $"The operator has no credentials for {kind}. Give them with Set-ImageRegistryCredential.";
        return null;
    }
}
