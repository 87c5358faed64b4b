using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Reading;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Reading;

/// <summary>Finds the secret that the operator takes credentials from, as the operator looks for it: the administrator's first (pkg/storage/*/GetConfig). Reads names of keys only.</summary>
internal static class CredentialReader
{
    public static async Task<RegistryCredentialSource> ReadAsync(SideReading side, ImageRegistryStorage storage, CancellationToken cancellationToken)
    {
        var user = await side.FindAsync(ResourceTypes.Secrets, ImageRegistryNames.Namespace, ImageRegistryNames.UserSecret, cancellationToken);
        if (!user.Known)
            return new RegistryCredentialSource { IsKnown = false };
        if (user.Resource is { } secret)
            return Describe(secret, isUser: true);
        // Volumes need no credentials.
        if (storage.Kind is BackendKind.None or BackendKind.EmptyDir or BackendKind.Volume)
            return new RegistryCredentialSource();
        var cloud = await side.FindAsync(ResourceTypes.Secrets, ImageRegistryNames.Namespace, ImageRegistryNames.CloudSecret, cancellationToken);
        return !cloud.Known ? new RegistryCredentialSource { IsKnown = false } : cloud.Resource is null ? new RegistryCredentialSource() : Describe(cloud.Resource, isUser: false);
    }

    public static IReadOnlyList<string> KeysOf(Resource secret) => [.. (secret.Section("data") ?? []).Select(pair => pair.Key).Order(StringComparer.Ordinal)];

    public static IReadOnlyList<BackendKind> BackendsOf(IEnumerable<string> keys) => [.. keys.Select(Backends.OfSecretKey).OfType<BackendKind>().Distinct()];

    private static RegistryCredentialSource Describe(Resource secret, bool isUser)
    {
        var keys = KeysOf(secret);
        return new RegistryCredentialSource { Secret = secret.Name, IsUserSecret = isUser, Keys = keys, Backends = BackendsOf(keys) };
    }
}
