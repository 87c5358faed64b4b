using System.Runtime.CompilerServices;
using RegistryMigration.Clusters.OpenShift.Steps;
using RegistryMigration.Clusters.Preflight;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Checks.PreflightCheck;

namespace RegistryMigration.Clusters.OpenShift.Preflight;

/// <summary>Whether the store that the images move to can be reached, is ours, is large enough, and is where the registry will look.</summary>
internal static class DestinationChecks
{
    private const string Place = "Destination is where the registry looks";
    private const string Reachable = "Destination is empty or ours";

    public static async IAsyncEnumerable<RegistryCheck> RunAsync(RegistryStore destination, ImageRegistry? registry, PreflightOptions options, StoreContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return InPlace(destination, registry);
        StoreDescription? description = null;
        RegistryCheck occupancy;
        try
        {
            await using var bare = StoreFactory.Connect(destination, "", context);
            if (bare is IStoreInspection inspection)
                description = await context.Retry.ExecuteAsync(bare.Traffic, async token => await inspection.DescribeAsync(token), cancellationToken);
            occupancy = Occupancy(await StorePreparation.LookAsync(bare, Marks(destination, registry), context, cancellationToken), destination, registry);
        }
        catch (StoreException e)
        {
            occupancy = Failed(Reachable, "Check the store's address and credentials with New-RegistryStore.", e.Message);
        }

        yield return occupancy;
        yield return RoomCheck.Judge(destination, description, options);
    }

    /// <summary>What marks a store as belonging to a cluster's registry. The installer deletes containers with this metadata together with the cluster.</summary>
    public static Dictionary<string, string> Marks(RegistryStore destination, ImageRegistry? registry)
    {
        var marks = new Dictionary<string, string>(StringComparer.Ordinal);
        if (registry?.InfrastructureName is { } name)
        {
            marks["Openshiftclusterid"] = name;
            marks["Name"] = destination.Address.Container;
        }

        return marks;
    }

    private static RegistryCheck InPlace(RegistryStore destination, ImageRegistry? registry)
    {
        try
        {
            return Passed(Place, $"{BackendTarget.OfStore(destination, registry?.Credentials ?? new RegistryCredentialSource()).Storage}");
        }
        catch (FormatException e)
        {
            return Failed(Place, e.Message, destination.ToString());
        }
    }

    private static RegistryCheck Occupancy(StoreOccupancy occupancy, RegistryStore destination, ImageRegistry? registry) => occupancy switch
    {
        StoreOccupancy.Missing => Passed(Reachable, $"{destination} is not there yet: Initialize-RegistryStore makes it"),
        StoreOccupancy.Empty => Passed(Reachable, $"{destination} is there and empty"),
        StoreOccupancy.Ours => Passed(Reachable, $"{destination} holds something already and is marked as ours: a pass goes on there"),
        _ => Failed(Reachable, "Take another name: what others have stored there would be mixed with the registry's images.", $"{destination} holds something and is not marked with Openshiftclusterid={registry?.InfrastructureName} and Name={destination.Address.Container}"),
    };
}
