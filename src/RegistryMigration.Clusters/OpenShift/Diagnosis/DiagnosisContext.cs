using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Reading;
using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Diagnosis;

/// <summary>What the checks share.</summary>
internal sealed class DiagnosisContext(IKubernetesClient client, Resource? config, DiagnosisOptions options, TimeProvider time)
{
    public IKubernetesClient Client => client;

    /// <summary>The registry's configuration; null where there is none.</summary>
    public Resource? Config => config;

    public DiagnosisOptions Options => options;

    public TimeProvider Time => time;

    public ImageRegistryStorage Storage { get; } = StorageReader.Read(config?.Section("spec", "storage"));

    public ImageRegistryStorage ObservedStorage { get; } = StorageReader.Read(config?.Section("status", "storage"));

    public IReadOnlyList<RegistryCondition> Conditions { get; } = ConditionReader.Read(config);

    /// <summary>Whether the operator is to keep the registry running.</summary>
    public bool IsManaged => config?.Text("spec", "managementState") is "Managed" or "Force";

    public async Task<IReadOnlyList<Resource>> ListAsync(ResourceType type, ListOptions options, CancellationToken cancellationToken)
    {
        var found = new List<Resource>();
        await foreach (var resource in client.ListAsync(type, ImageRegistryNames.Namespace, options, cancellationToken))
            found.Add(resource);
        return found;
    }
}
