using System.Runtime.CompilerServices;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Preflight;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Preflight;

/// <summary>Looks, before anything is changed, at everything that would stop a move of OpenShift's registry half way. Changes nothing.</summary>
public static class RegistryPreflight
{
    /// <summary>The checks in the order of the procedure; each as soon as it is made.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="options">What is planned.</param>
    /// <param name="context">How the destination is asked.</param>
    /// <param name="cancellationToken">Ends the checks.</param>
    public static async IAsyncEnumerable<RegistryCheck> RunAsync(IKubernetesClient client, PreflightOptions options, StoreContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        var order = 0;
        await foreach (var check in ChecksAsync(client, options, context, cancellationToken))
            yield return check with { Order = ++order };
    }

    private static async IAsyncEnumerable<RegistryCheck> ChecksAsync(IKubernetesClient client, PreflightOptions options, StoreContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (registry, config, served) = await ConfigurationChecks.ReadAsync(client, cancellationToken);
        yield return served;
        if (registry is not null && config is not null)
        {
            yield return ConfigurationChecks.Managed(registry);
            yield return ConfigurationChecks.Healthy(registry);
            yield return VolumeChecks.Claim(registry);
            yield return VolumeChecks.Platform(registry, options.Destination);
            yield return await CapacityChecks.WorkersAsync(client, config, options, cancellationToken);
            yield return await CapacityChecks.NetworkAsync(client, cancellationToken);
            yield return await CredentialChecks.RunAsync(client, registry, options.Destination, cancellationToken);
            yield return CredentialChecks.Pruner(registry);
        }

        yield return await PermissionChecks.RunAsync(client, cancellationToken);
        if (options.Destination is { } destination)
        {
            await foreach (var check in DestinationChecks.RunAsync(destination, registry, options, context, cancellationToken))
                yield return check;
        }
    }
}
