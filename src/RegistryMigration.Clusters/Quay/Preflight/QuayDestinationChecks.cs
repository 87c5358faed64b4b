using System.Runtime.CompilerServices;
using RegistryMigration.Clusters.Preflight;
using RegistryMigration.Clusters.Quay.Drivers;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Stores.S3;
using RegistryMigration.Engine.Stores.Trial;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Checks.PreflightCheck;

namespace RegistryMigration.Clusters.Quay.Preflight;

/// <summary>The store that a location's blobs move to: whether Quay can use it, whether it is free for them, and the trial of it.</summary>
internal static class QuayDestinationChecks
{
    private const string Empty = "Destination is empty or ours";
    private const int Sample = 5;

    /// <param name="source">The location; null where it can't be told which one moves there.</param>
    /// <param name="destination">Where its blobs move to.</param>
    /// <param name="options">How much there is to move.</param>
    /// <param name="context">How the stores are asked.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    public static async IAsyncEnumerable<RegistryCheck> RunAsync(QuayStorageLocation? source, RegistryStore destination, PreflightOptions options, StoreContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return Driver(source, destination);
        var (occupancy, description) = await OccupancyAsync(source?.Store, destination, context, cancellationToken);
        yield return occupancy;
        yield return RoomCheck.Judge(destination, description, options);
        await foreach (var check in StoreTrial.RunAsync(destination, context, cancellationToken))
            yield return check;
    }

    /// <summary>Without proxying, clients are sent to the storage itself.</summary>
    public static RegistryCheck Clients(QuayRegistry quay, RegistryStore destination)
    {
        const string name = "Clients reach the storage";
        if (quay.ProxyStorage)
            return Passed(name, "Quay hands out blobs itself (FEATURE_PROXY_STORAGE)");
        var server = destination.Address.Kind switch
        {
            StoreKind.S3 => destination.S3.Endpoint?.Authority ?? "Amazon S3",
            StoreKind.Swift => (destination.Swift.StorageUrl ?? destination.Swift.AuthUrl)?.Authority ?? "the cloud's Swift",
            _ => null,
        };
        return server is null
            ? Passed(name, "Quay hands out blobs itself: they lie in a directory")
            : Warning(name, "See that every client, nodes of clusters included, reaches this host and trusts its certificate; or set FEATURE_PROXY_STORAGE.", $"clients are redirected to {server}");
    }

    private static RegistryCheck Driver(QuayStorageLocation? source, RegistryStore destination)
    {
        const string name = "Driver";
        var driver = DriverStores.Default(destination);
        var change = source is null || source.Driver == driver ? driver : $"{driver} in place of {source.Driver}";
        return driver switch
        {
            "LocalStorage" => Warning(name, "Give an object storage, unless Quay runs in one place only and mounts this very directory.", $"{change}: a directory"),
            // botocore's variable: the driver's endpoint_url is that of S3 alone (cloud.py).
            RoleDriver.Name when !S3Clients.IsAws(destination.S3.Endpoint) => Warning(name, $"See that Quay's containers have AWS_ENDPOINT_URL_STS={destination.S3.Endpoint!.GetLeftPart(UriPartial.Authority)} (under the operator: overrides.env of the component quay), and that the server takes ServerSideEncryption: AES256.", $"{change}: it asks AWS for the role unless told otherwise"),
            RoleDriver.Name or "S3Storage" => Passed(name, $"{change}: it asks for encryption with every object (ServerSideEncryption: AES256), which AWS takes"),
            _ when source?.Driver == "S3Storage" && destination.Address.Kind == StoreKind.S3 => Passed(name, $"{change}: S3Storage asks for encryption with every object (ServerSideEncryption: AES256), which servers other than AWS may refuse"),
            _ => Passed(name, change),
        };
    }

    private static async Task<(RegistryCheck Check, StoreDescription? Description)> OccupancyAsync(RegistryStore? source, RegistryStore destination, StoreContext context, CancellationToken cancellationToken)
    {
        StoreDescription? description = null;
        try
        {
            await using var bare = StoreFactory.Connect(destination, "", context);
            if (bare is IStoreInspection inspection)
            {
                description = await context.Retry.ExecuteAsync(bare.Traffic, async token => await inspection.DescribeAsync(token), cancellationToken);
                if (description is null)
                    return (Failed(Empty, "Make it with Initialize-RegistryStore, then run this again: the trial needs it.", $"{destination} is not there yet"), null);
            }

            await using var here = source is null ? null : await StoreFactory.OpenAsync(source, context, null, cancellationToken);
            await using var there = await StoreFactory.OpenAsync(destination, context, here, cancellationToken);
            var blobs = await BlobsAsync(there.Store, cancellationToken);
            if (blobs.Count == 0)
                return (Passed(Empty, $"{there.Store.Name} holds no blob"), description);
            if (here is null)
                return (Skipped(Empty, $"{there.Store.Name} holds blobs, and there is no location to compare them with"), description);
            var foreign = new List<string>();
            foreach (var blob in blobs)
            {
                if (await context.Retry.ExecuteAsync(here.Store.Traffic, async token => await here.Store.StatAsync(blob, token), cancellationToken) is null)
                    foreign.Add(blob);
            }

            return (foreign.Count == 0
                ? Passed(Empty, $"{there.Store.Name} holds blobs that are in the source as well: a pass goes on there")
                : Warning(Empty, "If Quay deleted them since the last pass, go on; else take another bucket or prefix: two registries must not share one.", foreign.Select(blob => $"{blob} is not in the source")), description);
        }
        catch (StoreException e)
        {
            return (Failed(Empty, "Check addresses and credentials with New-RegistryStore.", e.Message), description);
        }
    }

    private static async Task<IReadOnlyList<string>> BlobsAsync(IStore store, CancellationToken cancellationToken)
    {
        await foreach (var page in store.ListAsync("sha256/", rejected: null, cancellationToken))
        {
            if (page.Length > 0)
                return [.. page[..Math.Min(page.Length, Sample)].ToArray().Select(entry => entry.Key)];
        }

        return [];
    }
}
