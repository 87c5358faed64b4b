namespace RegistryMigration.Model;

/// <summary>A store as one names it: its address, how to reach it, and which layout lies in it. Holds no connection.</summary>
public sealed class RegistryStore
{
    /// <summary>A store with default options at an address typed by hand.</summary>
    /// <exception cref="FormatException">The text is not an address.</exception>
    public RegistryStore(string address)
        : this(StoreAddress.Parse(address))
    {
    }

    /// <summary>A store with default options.</summary>
    public RegistryStore(StoreAddress address) => Address = address;

    /// <summary>Where it is.</summary>
    public StoreAddress Address { get; }

    /// <summary>The layout, or null to find it by looking.</summary>
    public LayoutKind? Layout { get; init; }

    /// <summary>
    /// The layout's root below the address (<c>docker/registry/v2</c>), or null to find it by looking; where the store is empty, the
    /// place where a registry with this storage driver would look.
    /// </summary>
    public string? Root { get; init; }

    /// <summary>S3 options; used when the address is an S3 address.</summary>
    public S3Options S3 { get; init; } = new();

    /// <summary>Swift options; used when the address is a Swift address.</summary>
    public SwiftOptions Swift { get; init; } = new();

    /// <summary>TLS options of S3 and Swift.</summary>
    public TlsOptions Tls { get; init; } = new();

    /// <summary>The server that it is on, so that two buckets of one name can be told apart; null for a directory, and where only this machine's files know it.</summary>
    public string? Server => Address.Kind switch
    {
        StoreKind.S3 => S3.Endpoint is { } endpoint && !IsAmazon(endpoint.Host) ? endpoint.Authority : AmazonOf(S3.Endpoint?.Host ?? S3.Region),
        StoreKind.Swift => (Swift.StorageUrl ?? Swift.AuthUrl)?.Authority,
        _ => null,
    };

    /// <summary>The same store, where it is known which layout lies in it and where.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="root">Its root below the address.</param>
    public RegistryStore At(LayoutKind layout, string root) => new(Address) { Layout = layout, Root = root, S3 = S3, Swift = Swift, Tls = Tls };

    /// <summary>The address.</summary>
    public override string ToString() => Address.ToString();

    private static bool IsAmazon(string host) => host.EndsWith(".amazonaws.com", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".amazonaws.com.cn", StringComparison.OrdinalIgnoreCase);

    // A bucket's name is unique within a partition of AWS, which goes by a region or by many hosts: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    private static string? AmazonOf(string? regionOrHost) => regionOrHost switch
    {
        null => null,
        _ when regionOrHost.StartsWith("cn-", StringComparison.Ordinal) || regionOrHost.EndsWith(".cn", StringComparison.OrdinalIgnoreCase) => "s3.amazonaws.com.cn",
        _ when regionOrHost.Contains("us-gov-", StringComparison.OrdinalIgnoreCase) => "s3.us-gov.amazonaws.com",
        _ => "s3.amazonaws.com",
    };
}

/// <summary>How a registry names things in a store.</summary>
public enum LayoutKind
{
    /// <summary>docker-registry and everything built on it (OpenShift, Harbor, GitLab): blobs and links.</summary>
    Distribution,

    /// <summary>Quay: blobs only, links live in its database.</summary>
    Quay,
}
