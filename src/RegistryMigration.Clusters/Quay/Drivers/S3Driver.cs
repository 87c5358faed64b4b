using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay.Drivers;

/// <summary>Settings of Quay's drivers of the S3 family and ours: S3Storage and its heirs by region or address, RadosGWStorage and its like by host name.</summary>
internal static class S3Driver
{
    /// <summary>The store of settings.</summary>
    /// <exception cref="FormatException">They make no address.</exception>
    public static RegistryStore Read(JsonObject settings, string root)
    {
        var endpoint = DriverEndpoint.Of(settings);
        var secretKey = DriverEndpoint.Text(settings, "secret_key") ?? DriverEndpoint.Text(settings, "s3_secret_key");
        var token = DriverEndpoint.Text(settings, "aws_session_token");
        return new RegistryStore(StoreAddress.InContainer(StoreKind.S3, DriverEndpoint.Text(settings, "bucket_name") ?? DriverEndpoint.Text(settings, "s3_bucket") ?? throw new FormatException("The bucket's name is empty. Give it.")))
        {
            Layout = LayoutKind.Quay,
            Root = root,
            S3 = new S3Options
            {
                Endpoint = endpoint,
                // As boto3 does where nothing is said: this machine's region is not Quay's.
                Region = DriverEndpoint.Text(settings, "region_name") ?? DriverEndpoint.Text(settings, "s3_region") ?? (endpoint is null ? "us-east-1" : null),
                AccessKey = DriverEndpoint.Text(settings, "access_key") ?? DriverEndpoint.Text(settings, "s3_access_key"),
                SecretKey = secretKey is null ? null : new Secret(secretKey),
                SessionToken = token is null ? null : new Secret(token),
            },
        };
    }

    /// <summary>The server's address, as one shows it.</summary>
    public static string EndpointOf(JsonObject settings) => (DriverEndpoint.Of(settings) ?? DriverEndpoint.OfAws(DriverEndpoint.Text(settings, "s3_region"))).GetLeftPart(UriPartial.Authority);

    /// <summary>Settings of a driver that takes host, port and is_secure.</summary>
    public static JsonObject WriteHost(StorageDriver driver, RegistryStore store, DriverCredentials credentials)
    {
        var endpoint = store.S3.Endpoint ?? DriverEndpoint.OfAws(store.S3.Region ?? "us-east-1");
        if (endpoint.AbsolutePath != "/")
            throw new FormatException($"{driver.Name} takes a host name, and the address of {store} has a path ({endpoint.AbsolutePath}). Use S3Storage.");
        var settings = new JsonObject
        {
            ["hostname"] = endpoint.Host,
            // Written as Quay's documentation has it.
            ["port"] = endpoint.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["is_secure"] = endpoint.Scheme == "https",
            ["bucket_name"] = store.Address.Container,
        };
        Keys(settings, "access_key", "secret_key", store, credentials, driver);
        if (store.S3.Region is { } region && driver.Settings.Any(setting => setting.Name == "region_name"))
            settings["region_name"] = region;
        return settings;
    }

    /// <summary>Settings of S3Storage and its heirs.</summary>
    public static JsonObject WriteRegion(StorageDriver driver, RegistryStore store, DriverCredentials credentials)
    {
        var settings = Place(driver.Name, store);
        Keys(settings, "s3_access_key", "s3_secret_key", store, credentials, driver);
        return settings;
    }

    /// <summary>Where S3Storage and its heirs find a bucket.</summary>
    public static JsonObject Place(string driver, RegistryStore store)
    {
        var settings = new JsonObject { ["s3_bucket"] = store.Address.Container };
        // cloud.py: a region leads to AWS whatever else is said.
        if (store.S3.Endpoint is { } endpoint)
            settings["endpoint_url"] = endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/');
        else
            settings["s3_region"] = store.S3.Region ?? throw new FormatException($"{driver} needs the region of {store}. Give New-RegistryStore -Region.");
        return settings;
    }

    private static void Keys(JsonObject settings, string accessName, string secretName, RegistryStore store, DriverCredentials credentials, StorageDriver driver)
    {
        if (store.S3.RoleArn is { } role && (credentials.AccessKey is null || credentials.AccessKey == store.S3.AccessKey))
            throw new FormatException($"{driver.Name} takes on no role, and {store} is reached by {role}. Take {RoleDriver.Name}, or give Quay an access key of its own with -StorageCredential.");
        if (store.S3.SessionToken is not null && credentials.SecretKey is null)
            throw new FormatException($"The credentials of {store} are temporary, and Quay's would expire. Give it an access key and secret key of its own.");
        var access = credentials.AccessKey ?? store.S3.AccessKey;
        var secret = (credentials.SecretKey ?? store.S3.SecretKey)?.Reveal();
        if (access is null || secret is null)
            throw new FormatException($"{driver.Name} needs an access key and a secret key for {store}: Quay has no profile of this machine. Give them.");
        settings[accessName] = access;
        settings[secretName] = secret;
    }
}
