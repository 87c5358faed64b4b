namespace RegistryMigration.Model;

/// <summary>Where a store is, in a form that can be typed: a path, <c>file:</c>, <c>s3://bucket/prefix</c> or <c>swift://container/prefix</c>.</summary>
public sealed record StoreAddress
{
    /// <summary>How the address of a claim begins.</summary>
    public const string Claims = "/pvc/";

    private StoreAddress(StoreKind kind, string container, string prefix)
    {
        Kind = kind;
        Container = container;
        Prefix = prefix;
    }

    /// <summary>Which kind of store.</summary>
    public StoreKind Kind { get; }

    /// <summary>The directory, bucket or container.</summary>
    public string Container { get; }

    /// <summary>The key prefix below the container: empty, or ending in <c>/</c>. Always empty for a directory.</summary>
    public string Prefix { get; }

    /// <summary>Reads an address. A text without a scheme is a path; relative paths are taken from the current directory.</summary>
    /// <exception cref="FormatException">The scheme is unknown, or the bucket or container is missing.</exception>
    public static StoreAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (string.IsNullOrWhiteSpace(text))
            throw new FormatException("The store address is empty. Give a path, s3://bucket/prefix or swift://container/prefix.");
        if (text.StartsWith("s3://", StringComparison.OrdinalIgnoreCase))
            return Remote(StoreKind.S3, text, 5);
        if (text.StartsWith("swift://", StringComparison.OrdinalIgnoreCase))
            return Remote(StoreKind.Swift, text, 8);
        if (text.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
            return FromFileUri(text);
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme > 0)
            throw new FormatException($"'{text}' has the unknown scheme '{text[..scheme]}'. Known are file:, s3:// and swift://; a path needs no scheme.");
        return Directory(text);
    }

    /// <summary>The address of a directory.</summary>
    public static StoreAddress Directory(string path) => new(StoreKind.FileSystem, Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)), "");

    /// <summary>The address of a directory within a claim. It names the claim on every machine alike, and can be opened on none: pods alone mount it.</summary>
    public static StoreAddress InClaim(string @namespace, string claim, string? path = null) => new(StoreKind.FileSystem, $"{Claims}{@namespace}/{claim}/{path?.Trim('/')}".TrimEnd('/'), "");

    /// <summary>The address of a bucket or container with an optional prefix.</summary>
    public static StoreAddress InContainer(StoreKind kind, string container, string prefix = "") => new(kind, container, NormalizePrefix(prefix));

    /// <summary>The address as it is typed.</summary>
    public override string ToString() => Kind switch
    {
        StoreKind.S3 => $"s3://{Container}/{Prefix}".TrimEnd('/'),
        StoreKind.Swift => $"swift://{Container}/{Prefix}".TrimEnd('/'),
        _ => Container,
    };

    private static StoreAddress Remote(StoreKind kind, string text, int start)
    {
        var slash = text.IndexOf('/', start);
        var container = slash < 0 ? text[start..] : text[start..slash];
        if (container.Length == 0)
            throw new FormatException($"'{text}' names no {(kind == StoreKind.S3 ? "bucket" : "container")}. Expected {text[..start]}name/prefix.");
        return InContainer(kind, container, slash < 0 ? "" : text[(slash + 1)..]);
    }

    // file:relative, file:/absolute and file:///absolute are all in use.
    private static StoreAddress FromFileUri(string text)
    {
        var path = text[5..];
        if (path.StartsWith("//", StringComparison.Ordinal))
            path = Uri.TryCreate(text, UriKind.Absolute, out var uri) ? uri.LocalPath : path[2..];
        return path.Length == 0 ? throw new FormatException("'file:' names no directory. Expected file:/path.") : Directory(path);
    }

    private static string NormalizePrefix(string prefix)
    {
        var trimmed = prefix.Trim('/');
        return trimmed.Length == 0 ? "" : trimmed + "/";
    }
}

/// <summary>The kinds of store.</summary>
public enum StoreKind
{
    /// <summary>A directory.</summary>
    FileSystem,

    /// <summary>A bucket of an S3 server.</summary>
    S3,

    /// <summary>A container of OpenStack Swift.</summary>
    Swift,
}
