using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes.Reading;
using RegistryMigration.Engine.Stores.S3;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay.Drivers;

/// <summary>Makes stores of entries of <c>DISTRIBUTED_STORAGE_CONFIG</c>, and entries of stores.</summary>
public static class DriverStores
{
    private const string Unsupported = "This module can't reach it: copy its images with that storage's own tools, or over the registry's API (Quay's repository mirroring).";

    /// <summary>The location of an entry. What is wrong with it, or not supported, is its <see cref="QuayStorageLocation.Problem"/>.</summary>
    /// <param name="name">The location's name.</param>
    /// <param name="entry">The entry: <c>[driver, {settings}]</c>.</param>
    /// <param name="preferred">Whether new blobs are written here.</param>
    public static QuayStorageLocation Read(string name, JsonNode? entry, bool preferred)
    {
        // storage/__init__.py, get_storage_driver: the first two items, by number.
        if (entry is not JsonArray { Count: >= 2 } pair || pair[0] is not JsonValue named || !named.TryGetValue<string>(out var driverName) || pair[1] is not JsonObject settings)
            return new QuayStorageLocation { Name = name, Driver = "", IsPreferred = preferred, Problem = $"The location '{name}' is no list of a driver and its settings. Correct DISTRIBUTED_STORAGE_CONFIG." };
        var driver = StorageDriver.Find(driverName);
        var location = new QuayStorageLocation
        {
            Name = name,
            Driver = driverName,
            IsPreferred = preferred,
            StoragePath = DriverEndpoint.Text(settings, "storage_path"),
            // What an unknown driver takes for a secret is not known either.
            Settings = (driver?.Mask(settings) ?? new StorageDriver(driverName, []).Mask(settings)).ToDictionary(setting => setting.Key, setting => setting.Value is null ? null : JsonText.Show(setting.Value), StringComparer.Ordinal),
        };
        if (driver is null)
            return location with { Problem = StorageDriver.Unknown(driverName) };
        if (driver.Faults(settings).ToList() is { Count: > 0 } faults)
            return location with { Problem = string.Join(' ', faults) };
        try
        {
            return Reach(location, settings);
        }
        catch (FormatException e)
        {
            return location with { Problem = $"{driverName}: {e.Message}" };
        }
    }

    /// <summary>The entry that lets Quay use a store: <c>[driver, {settings}]</c> with the driver's own keys.</summary>
    /// <param name="driver">Quay's driver, see <see cref="Default"/>.</param>
    /// <param name="store">The store, described without this machine's files (<see cref="Engine.Stores.ExplicitStore"/>).</param>
    /// <param name="credentials">As whom Quay logs in; what is left out is the store's own.</param>
    /// <param name="storagePath">What Quay puts before every key.</param>
    /// <param name="extra">Further settings of the driver; they win.</param>
    /// <exception cref="FormatException">The driver can't use the store, or lacks a setting.</exception>
    public static JsonArray Write(string driver, RegistryStore store, DriverCredentials credentials, string storagePath, JsonObject extra)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(credentials);
        ArgumentNullException.ThrowIfNull(storagePath);
        ArgumentNullException.ThrowIfNull(extra);
        var known = StorageDriver.Find(driver) ?? throw new FormatException(StorageDriver.Unknown(driver));
        var settings = (driver, store.Address.Kind) switch
        {
            ("LocalStorage", StoreKind.FileSystem) => [],
            ("SwiftStorage", StoreKind.Swift) => Swift(store, credentials),
            ("RadosGWStorage" or "RHOCSStorage" or "IBMCloudStorage", StoreKind.S3) => S3Driver.WriteHost(known, store, credentials),
            (RoleDriver.Name, StoreKind.S3) => RoleDriver.Write(store, credentials, extra),
            ("S3Storage" or "CloudFrontedS3Storage" or "CloudFlareStorage" or "AkamaiS3Storage", StoreKind.S3) => S3Driver.WriteRegion(known, store, credentials),
            _ => throw new FormatException($"Quay's driver {driver} can't use {store}. {Default(store)} can."),
        };
        CheckPath(store, storagePath);
        settings["storage_path"] = storagePath;
        foreach (var (key, value) in extra)
            settings[key] = value?.DeepClone();
        string[] problems = [.. known.Validate(settings), .. driver == RoleDriver.Name ? RoleDriver.Faults(settings) : []];
        return problems.Length == 0 ? [driver, settings] : throw new FormatException($"Quay would refuse the settings of {store}: {string.Join(' ', problems)}");
    }

    /// <summary>The driver for a store where nobody says one.</summary>
    public static string Default(RegistryStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.Address.Kind switch
        {
            StoreKind.Swift => "SwiftStorage",
            StoreKind.FileSystem => "LocalStorage",
            _ when store.S3.RoleArn is not null => RoleDriver.Name,
            _ when S3Clients.IsAws(store.S3.Endpoint) => "S3Storage",
            _ when store.S3.Endpoint!.Host.EndsWith(".cloud-object-storage.appdomain.cloud", StringComparison.OrdinalIgnoreCase) => "IBMCloudStorage",
            // S3Storage asks for ServerSideEncryption: AES256 (cloud.py), which others may refuse.
            _ => "RadosGWStorage",
        };
    }

    /// <summary>The location with a store that trusts others than the system does: Quay's own trust is in its container.</summary>
    public static QuayStorageLocation Trusting(QuayStorageLocation location, TlsOptions tls)
    {
        ArgumentNullException.ThrowIfNull(location);
        return location.Store is not { } store ? location : location with { Store = new RegistryStore(store.Address) { Layout = store.Layout, Root = store.Root, S3 = store.S3, Swift = store.Swift, Tls = tls } };
    }

    private static QuayStorageLocation Reach(QuayStorageLocation location, JsonObject settings)
    {
        var path = location.StoragePath ?? "";
        switch (location.Driver)
        {
            case "LocalStorage":
                if (!Path.IsPathRooted(path))
                    throw new FormatException($"storage_path '{path}' counts from a directory within Quay's container. Give the absolute path, or describe the directory with New-RegistryStore.");
                return location with { Store = new RegistryStore(StoreAddress.Directory(path)) { Layout = LayoutKind.Quay, Root = "" } };
            case "SwiftStorage":
                return location with { Store = SwiftStore(settings, path), Endpoint = DriverEndpoint.Text(settings, "auth_url") };
            case "RadosGWStorage" or "RHOCSStorage" or "IBMCloudStorage" or "S3Storage" or "CloudFrontedS3Storage" or "CloudFlareStorage" or "AkamaiS3Storage":
                return location with { Store = S3Driver.Read(settings, Root(path)), Endpoint = S3Driver.EndpointOf(settings) };
            case RoleDriver.Name:
                return location with { Store = RoleDriver.Read(settings, Root(path)), Endpoint = S3Driver.EndpointOf(settings) };
            default:
                return location with { Problem = $"{location.Driver} is not supported. {Unsupported}" };
        }
    }

    private static RegistryStore SwiftStore(JsonObject settings, string path)
    {
        // swift.py, _normalize_path.
        if (DriverEndpoint.IsTrue(settings["simple_path_concat"]) && path.Length > 0 && !path.EndsWith('/'))
            throw new FormatException($"simple_path_concat joins storage_path '{path}' and names without a '/', which this module does not do. Describe the container with New-RegistryStore where all its objects begin alike.");
        return new RegistryStore(StoreAddress.InContainer(StoreKind.Swift, DriverEndpoint.Text(settings, "swift_container")!))
        {
            Layout = LayoutKind.Quay,
            Root = Root(path),
            Swift = SwiftDriver.Read(settings),
            // The path is one of Quay's container; here it may lead to nothing.
            Tls = new TlsOptions { CertificateAuthorityPath = DriverEndpoint.Text(settings, "ca_cert_path") is { } authority && File.Exists(authority) ? authority : null },
        };
    }

    private static JsonObject Swift(RegistryStore store, DriverCredentials credentials)
    {
        var settings = SwiftDriver.Write(store.Swift, credentials);
        settings["swift_container"] = store.Address.Container;
        return settings;
    }

    // Images are where Quay looks for them only if both say the same place.
    private static void CheckPath(RegistryStore store, string storagePath)
    {
        if (store.Address.Kind == StoreKind.FileSystem)
            return;
        var (quays, ours) = (storagePath.Trim('/'), (store.Address.Prefix + store.Root).Trim('/'));
        if (quays == ours)
            return;
        throw new FormatException(store.Root is null
            ? $"Quay would look for images below '{quays}', and {store} does not say that they are there. Give New-RegistryStore -Layout Quay -Root '{quays}', and copy with that store."
            : $"Quay would look for images below '{quays}' of the bucket or container, and {store} has them below '{ours}'. Give the same path to both: -Root of New-RegistryStore is storage_path.");
    }

    // cloud.py, _init_path: keys never begin with '/'.
    private static string Root(string storagePath) => storagePath.Trim('/');
}

/// <summary>As whom Quay logs in to a store: access key and secret key, or Swift's user and password.</summary>
/// <param name="AccessKey">Access key, or user.</param>
/// <param name="SecretKey">Secret key, or password.</param>
public sealed record DriverCredentials(string? AccessKey, Secret? SecretKey);
