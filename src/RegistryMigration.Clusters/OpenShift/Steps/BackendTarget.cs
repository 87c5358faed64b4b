using System.Text.Json.Nodes;
using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Steps;

/// <summary>A storage as the operator is told to use it: <c>spec.storage</c> whole, Unmanaged until it is accepted, so that the operator deletes nothing of it.</summary>
public sealed record BackendTarget
{
    private BackendTarget(JsonObject storage, string? address)
    {
        Json = storage;
        Storage = StorageReader.Read(storage);
        Address = address;
    }

    /// <summary>The value of <c>spec.storage</c>.</summary>
    internal JsonObject Json { get; }

    /// <summary>Kind and place.</summary>
    public ImageRegistryStorage Storage { get; }

    /// <summary>The store's address as passes name it; null for a claim, which they know by where it is mounted.</summary>
    public string? Address { get; }

    /// <summary>Whether a pass to an address filled this storage. A claim goes by its own name where it was filled in the cluster, and by any directory where a machine mounts it.</summary>
    public bool IsAt(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (Address is not null)
            return address == Address;
        return address.StartsWith(StoreAddress.Claims, StringComparison.Ordinal)
            ? address == StoreAddress.InClaim(ImageRegistryNames.Namespace, Storage.Location!).ToString()
            : StoreAddress.Parse(address).Kind == StoreKind.FileSystem;
    }

    /// <summary>A claim in the registry's namespace.</summary>
    public static BackendTarget OfClaim(string claim) => new(Section(BackendKind.Volume, new JsonObject { ["claim"] = claim }), null);

    /// <summary>A Swift container or an S3 bucket.</summary>
    /// <param name="store">The store that was copied to.</param>
    /// <param name="credentials">Where the operator takes credentials from: with the administrator's own secret it needs to be told the rest as well.</param>
    /// <exception cref="FormatException">The registry can't look where the store is, or something that the operator needs is missing.</exception>
    public static BackendTarget OfStore(RegistryStore store, RegistryCredentialSource credentials)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(credentials);
        CheckPlace(store);
        return store.Address.Kind switch
        {
            StoreKind.Swift => new(Section(BackendKind.Swift, Swift(store, credentials)), store.ToString()),
            StoreKind.S3 => new(Section(BackendKind.S3, S3(store)), store.ToString()),
            _ => throw new FormatException($"'{store}' is a directory: a registry in a cluster keeps its images behind a claim. Give -Claim, or a swift:// or s3:// store."),
        };
    }

    // The operator can set neither a prefix nor a root directory (api, imageregistry/v1/types.go).
    private static void CheckPlace(RegistryStore store)
    {
        if (store.Address.Prefix.Length > 0)
            throw new FormatException($"The registry of OpenShift uses a whole container or bucket, and '{store}' is a part of one. Copy to {(store.Address.Kind == StoreKind.S3 ? "s3" : "swift")}://{store.Address.Container} instead.");
        var root = store.Address.Kind == StoreKind.Swift ? "files/docker/registry/v2" : "docker/registry/v2";
        if (store.Layout is LayoutKind.Quay || (store.Root is { } given && given.Trim('/') != root))
            throw new FormatException($"The registry of OpenShift looks for its images in {root}, and '{store}' is to have them in '{store.Root}' (layout {store.Layout}). Make the store without -Root and -Layout, and copy again.");
    }

    private static JsonObject Section(BackendKind kind, JsonObject settings) =>
        new() { ["managementState"] = "Unmanaged", [Backends.FieldOf(kind)] = settings };

    private static JsonObject Swift(RegistryStore store, RegistryCredentialSource credentials)
    {
        var swift = new JsonObject { ["container"] = store.Address.Container };
        // With clouds.yaml the operator knows all else; with the administrator's secret it knows user and password only (pkg/storage/swift/swift.go, GetConfig).
        if (!credentials.IsUserSecret)
            return swift;
        var options = store.Swift;
        if (options.AuthUrl is null)
            throw new FormatException($"The operator takes Swift's credentials from the secret {credentials.Secret}, and then has to be told the rest. Make the store with New-RegistryStore -AuthUrl, -ProjectName, -UserDomainName and -Region.");
        swift["authURL"] = options.AuthUrl.OriginalString;
        Set("authVersion", options.AuthVersion is { } version ? FormattableString.Invariant($"{version}") : options.AuthUrl.AbsolutePath.Contains("/v1", StringComparison.Ordinal) ? "1" : "3");
        Set("domain", options.UserDomainName ?? options.ProjectDomainName);
        Set("domainID", options.UserDomainId ?? options.ProjectDomainId);
        Set("tenant", options.ProjectName);
        Set("tenantID", options.ProjectId);
        Set("regionName", options.Region);
        return swift;

        void Set(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                swift[name] = value;
        }
    }

    private static JsonObject S3(RegistryStore store)
    {
        var options = store.S3;
        // The operator wants a region also where the server knows none.
        var region = options.Region ?? (options.Endpoint is not null ? "us-east-1" : throw new FormatException($"The operator has to be told the region of '{store}'. Make the store with New-RegistryStore -Region."));
        var s3 = new JsonObject { ["bucket"] = store.Address.Container, ["region"] = region };
        if (options.Endpoint is { } endpoint)
            s3["regionEndpoint"] = endpoint.OriginalString.TrimEnd('/');
        if (options is { Endpoint: not null, PathStyle: false })
            s3["virtualHostedStyle"] = true;
        return s3;
    }
}
