using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.Swift.Configuration;

/// <summary>Tells versions of authentication addresses apart. They are typed with and without a version, with and without a slash.</summary>
internal static class KeystoneAddress
{
    /// <summary>Whether this is Swift's own v1 authentication (<c>/auth/v1.0</c>, or <c>/auth/1.0</c> as radosgw has it).</summary>
    public static bool IsVersion1(Uri? address, string? version)
    {
        if (version is not null)
            return version is "1" or "1.0";
        var path = address?.AbsolutePath.TrimEnd('/');
        return path is not null && (path.EndsWith("/v1.0", StringComparison.Ordinal) || path.EndsWith("/v1", StringComparison.Ordinal)
            || path.EndsWith("/1.0", StringComparison.Ordinal) || path.EndsWith("/auth", StringComparison.Ordinal));
    }

    /// <summary>The address of Keystone's v3, without a slash at the end.</summary>
    public static Uri V3(Uri address, string? version)
    {
        var text = address.GetLeftPart(UriPartial.Path).TrimEnd('/');
        if (text.EndsWith("/v3", StringComparison.Ordinal))
            return new Uri(text);
        if (!text.EndsWith("/v2.0", StringComparison.Ordinal))
            return new Uri(text + "/v3");
        return version is "3" or "v3"
            ? new Uri(text[..^"/v2.0".Length] + "/v3")
            : throw new StoreException(StoreErrorKind.Unsupported, $"{address} is Keystone's version 2, which was removed in OpenStack Queens. Give the address that ends in /v3.");
    }
}
