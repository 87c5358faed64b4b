using System.Runtime.CompilerServices;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Preflight;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Checks.PreflightCheck;

namespace RegistryMigration.Clusters.Quay.Preflight;

/// <summary>Looks, before anything is changed, at everything that would stop a move of Quay's storage half way. Changes nothing but probes of its own in the destination, which it deletes.</summary>
public static class QuayPreflight
{
    /// <summary>The checks in the order of the procedure; each as soon as it is made.</summary>
    /// <param name="quay">The Quay as it was read.</param>
    /// <param name="client">Its cluster; null for a standalone Quay.</param>
    /// <param name="options">What is planned.</param>
    /// <param name="context">How stores are asked.</param>
    /// <param name="cancellationToken">Ends the checks.</param>
    public static async IAsyncEnumerable<RegistryCheck> RunAsync(QuayRegistry quay, IKubernetesClient? client, PreflightOptions options, StoreContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(quay);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        var order = 0;
        await foreach (var check in ChecksAsync(quay, client, options, context, cancellationToken))
            yield return check with { Order = ++order };
    }

    private static async IAsyncEnumerable<RegistryCheck> ChecksAsync(QuayRegistry quay, IKubernetesClient? client, PreflightOptions options, StoreContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return QuayStateChecks.Read(quay);
        yield return QuayStateChecks.Version(quay);
        yield return QuayStateChecks.State(quay);
        yield return QuayStateChecks.Healthy(quay);
        yield return LocationChecks.Mapped(quay, options);
        yield return LocationChecks.Database(quay);
        yield return await LocationChecks.NamedAsync(quay, client, cancellationToken);
        if (quay.Namespace is { } space)
        {
            yield return Owned(quay);
            if (client is not null)
                yield return await QuayRights.CheckAsync(client, space, quay.Name, cancellationToken);
        }

        if (options.Destination is not { } destination)
            yield break;
        yield return QuayDestinationChecks.Clients(quay, destination);
        await foreach (var check in QuayDestinationChecks.RunAsync(LocationChecks.Moving(quay, options), destination, options, context, cancellationToken))
            yield return check;
    }

    private static RegistryCheck Owned(QuayRegistry quay)
    {
        const string name = "Object storage component";
        return quay.IsStorageManaged
            ? Warning(name, "The switch sets it unmanaged, in the same change as the new configuration. The bucket claim stays, and keeps the old blobs until you delete it.", "the operator manages the storage")
            : Passed(name, "the administrator's own");
    }
}
