using System.Text.Json;

namespace RegistryMigration.Engine.Stores.Swift.Transport;

/// <summary>What the servers say of themselves at <c>/info</c>: https://docs.openstack.org/api-ref/object-store/#discoverability.</summary>
internal sealed record SwiftLimits
{
    /// <summary>Bytes of one PUT. Swift's default is 5 GiB.</summary>
    public long MaxFileSize { get; init; } = 5L << 30;

    /// <summary>Entries of one page of a listing.</summary>
    public int ListingLimit { get; init; } = 10_000;

    /// <summary>Bytes of an object's name, before it is escaped.</summary>
    public int MaxNameBytes { get; init; } = 1024;

    /// <summary>Whether this is known to be OpenStack Swift. radosgw speaks the same API with gaps, and names this limit differently.</summary>
    public bool IsOpenStack { get; init; }

    /// <summary>Where the limits of an account's server are: beside <c>/v1</c>, which radosgw has below <c>/swift</c>.</summary>
    public static Uri Address(Uri storageUrl)
    {
        var path = storageUrl.AbsolutePath;
        var version = path.IndexOf("/v1", StringComparison.Ordinal);
        return new UriBuilder(storageUrl) { Path = (version < 0 ? "" : path[..version]) + "/info", Query = "" }.Uri;
    }

    /// <summary>Reads the document; what is not in it keeps its default.</summary>
    public static SwiftLimits Parse(JsonElement info)
    {
        var defaults = new SwiftLimits();
        if (info.ValueKind != JsonValueKind.Object || !info.TryGetProperty("swift", out var swift) || swift.ValueKind != JsonValueKind.Object)
            return defaults;
        return new SwiftLimits
        {
            MaxFileSize = Number(swift, "max_file_size", defaults.MaxFileSize),
            ListingLimit = (int)Math.Min(Number(swift, "container_listing_limit", defaults.ListingLimit), defaults.ListingLimit),
            MaxNameBytes = (int)Math.Min(Number(swift, "max_object_name_length", Number(swift, "max_object_name_size", defaults.MaxNameBytes)), int.MaxValue),
            IsOpenStack = swift.TryGetProperty("max_object_name_length", out _),
        };
    }

    private static long Number(JsonElement element, string name, long otherwise) =>
        element.TryGetProperty(name, out var value) && value.TryGetInt64(out var number) && number > 0 ? number : otherwise;
}
