using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift.Credentials;
using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Diagnosis;

/// <summary>The secrets with storage credentials: whether their keys fit the storage. Looks at names of keys only.</summary>
internal sealed class CredentialCheck : IDiagnosisCheck
{
    public string Name => "Credentials";

    public async Task<Finding> RunAsync(DiagnosisContext context, CancellationToken cancellationToken)
    {
        var user = await context.Client.FindAsync(ResourceTypes.Secrets, ImageRegistryNames.Namespace, ImageRegistryNames.UserSecret, cancellationToken);
        var needed = CredentialKeys.RequiredOf(context.Storage.Kind);
        if (user is not null)
            return needed.Count == 0 ? Stray(user) : Fits(user, needed, context.Storage);
        if (needed.Count == 0)
            return new Finding().See($"{context.Storage.Kind} needs no credentials");
        var cloud = await context.Client.FindAsync(ResourceTypes.Secrets, ImageRegistryNames.Namespace, ImageRegistryNames.CloudSecret, cancellationToken);
        if (cloud is null)
            return new Finding().Fail($"There is neither {ImageRegistryNames.UserSecret} nor {ImageRegistryNames.CloudSecret}.", "Set-ImageRegistryCredential, or let the cloud credential operator make them.");
        var keys = CredentialReader.KeysOf(cloud);
        return context.Storage.Kind == BackendKind.Swift && !keys.Contains("clouds.yaml", StringComparer.Ordinal)
            ? new Finding().Fail($"{cloud.Name} has no clouds.yaml ({string.Join(", ", keys)}).", "Set-ImageRegistryCredential, or look at the cloud credential operator.")
            : new Finding().See($"{cloud.Name} ({string.Join(", ", keys)})");
    }

    private static Finding Fits(Resource secret, IReadOnlyList<IReadOnlyList<string>> needed, ImageRegistryStorage storage)
    {
        var keys = CredentialReader.KeysOf(secret);
        var finding = new Finding();
        if (!needed.Any(set => set.All(key => keys.Contains(key, StringComparer.Ordinal))))
        {
            return finding.Fail(
                $"{secret.Name} ({string.Join(", ", keys)}) wins over all other credentials and has not what {storage.Kind} needs: {string.Join(" or ", needed.Select(set => string.Join(" + ", set)))}.",
                $"Set-ImageRegistryCredential with credentials for {storage.Kind}, or delete the secret where the cluster's own credentials ({ImageRegistryNames.CloudSecret}) are to be used.");
        }

        finding.See($"{secret.Name} has the keys that {storage.Kind} needs");
        var others = keys.Where(key => Backends.OfSecretKey(key) is { } kind && kind != storage.Kind).ToList();
        if (others.Count > 0)
            finding.Warn($"{secret.Name} also has keys of another storage type: {string.Join(", ", others)}.", "Set-ImageRegistryCredential -RemoveOther takes them away.");
        if (storage.Kind == BackendKind.Swift && !storage.Settings.ContainsKey("authURL"))
            finding.Fail("With that secret clouds.yaml is not read, and the configuration names no Keystone.", "Set-ImageRegistry -SwiftAuthUrl, and -SwiftDomain, -SwiftTenant and -SwiftRegion as the cloud needs them.");
        return finding;
    }

    private static Finding Stray(Resource secret) => new Finding().Warn(
        $"{secret.Name} ({string.Join(", ", CredentialReader.KeysOf(secret))}) is not used by the storage that is configured.",
        "After a switch to object storage it wins over the cluster's own credentials. Delete it, unless it is meant for that.");
}
