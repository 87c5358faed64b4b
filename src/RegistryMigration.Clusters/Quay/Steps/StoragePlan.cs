using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Clusters.Quay.Drivers;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay.Steps;

/// <summary>A storage as Quay is to be told of it.</summary>
/// <param name="Location">The location's name, which stays: Quay's database knows every blob by it.</param>
/// <param name="Driver">The driver.</param>
/// <param name="StoragePath">What Quay puts before every key.</param>
/// <param name="Authorities">Certificates (PEM) by which Quay knows the storage's server; null where it speaks http, or keeps files.</param>
internal sealed record StoragePlan(string Location, string Driver, string StoragePath, string? Authorities)
{
    private const string Config = "DISTRIBUTED_STORAGE_CONFIG";
    private const string Preference = "DISTRIBUTED_STORAGE_PREFERENCE";
    private const string Defaults = "DISTRIBUTED_STORAGE_DEFAULT_LOCATIONS";
    private const string Proxy = "FEATURE_PROXY_STORAGE";

    /// <summary>What becomes of a configuration.</summary>
    /// <exception cref="FormatException">The driver can't use the store, or misses something.</exception>
    public QuayEdit Edit(QuayNow now, RegistryStore destination, SwitchRequest request)
    {
        var entry = DriverStores.Write(Driver, destination.At(LayoutKind.Quay, RootIn(destination)), AccountOf(destination, request), StoragePath, request.DriverSettings);
        var managed = now.Registry.IsStorageManaged;
        var config = now.Given.Set(entry, Config, Location);
        if (managed)
        {
            // What the operator wrote as long as the storage was its own (pkg/kustomize/secrets.go), and what belongs to it.
            foreach (var key in new[] { Preference, Defaults, Proxy })
                config = config.Set(config.At(key)?.DeepClone() ?? now.Effective.At(key)?.DeepClone() ?? (key == Preference ? new JsonArray(Location) : null), key);
        }

        return new QuayEdit(config)
        {
            Files = Authorities is null ? new Dictionary<string, string>() : new Dictionary<string, string>(StringComparer.Ordinal) { [StorageTrust.FileOf(destination)] = Authorities },
            TakesStorage = managed,
        };
    }

    /// <summary>The store as Quay itself reaches it, with its own account and role; as we do where only its pod can.</summary>
    public RegistryStore AsQuay(RegistryStore destination, SwitchRequest request)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (destination.Address.Kind == StoreKind.FileSystem || RoleDriver.IsPods(request.DriverSettings))
            return destination;
        var (s3, swift) = (destination.S3, destination.Swift);
        if (request.Account is { } account)
        {
            s3 = s3 with { Profile = null, AccessKey = account.Name, SecretKey = account.Secret, SessionToken = null };
            swift = swift with { UserName = account.Name, Password = account.Secret, ApplicationCredentialId = null, ApplicationCredentialName = null, ApplicationCredentialSecret = null, Token = null };
        }

        return new RegistryStore(destination.Address)
        {
            Layout = destination.Layout,
            Root = destination.Root,
            Tls = destination.Tls,
            S3 = s3 with { RoleArn = Driver == RoleDriver.Name ? RoleDriver.RoleOf(request.DriverSettings) ?? s3.RoleArn : null },
            Swift = swift,
        };
    }

    /// <summary>The storage path as a store's address.</summary>
    public RegistryStore PlaceIn(RegistryStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        var (address, root) = (store.Address, RootIn(store));
        return new RegistryStore(address.Kind == StoreKind.FileSystem ? StoreAddress.Directory(Path.Combine(address.Container, root)) : StoreAddress.InContainer(address.Kind, address.Container, root.Length == 0 ? address.Prefix : $"{address.Prefix}{root}/"))
        {
            S3 = store.S3,
            Swift = store.Swift,
            Tls = store.Tls,
        };
    }

    /// <summary>Where the storage path is below a store's address.</summary>
    public string RootIn(RegistryStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        if (store.Address.Kind == StoreKind.FileSystem)
            return Path.GetRelativePath(store.Address.Container, StoragePath) is var below and not "." ? below : "";
        var path = StoragePath.Trim('/');
        var prefix = store.Address.Prefix.Trim('/');
        return prefix.Length > 0 && (path + "/").StartsWith(prefix + "/", StringComparison.Ordinal) ? path[prefix.Length..].Trim('/') : path;
    }

    /// <summary>As whom Quay logs in.</summary>
    public static DriverCredentials AccountOf(RegistryStore destination, SwitchRequest request) =>
        request.Account is { } account ? new DriverCredentials(account.Name, account.Secret)
        : destination.Address.Kind == StoreKind.Swift ? new DriverCredentials(destination.Swift.UserName, destination.Swift.Password)
        : new DriverCredentials(destination.S3.AccessKey, destination.S3.SecretKey);
}
