using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace RegistryMigration.Model;

/// <summary>An image within one registry: <c>repository:tag</c>, <c>repository@digest</c>, or both.</summary>
/// <remarks>Grammar: OCI distribution-spec, "Pulling manifests".</remarks>
public sealed partial record ImageReference
{
    private ImageReference(string repository, string? tag, Digest? digest)
    {
        Repository = repository;
        Tag = tag;
        Digest = digest;
    }

    /// <summary>The repository, without the registry's host.</summary>
    public string Repository { get; }

    /// <summary>The tag; null in a reference by digest alone.</summary>
    public string? Tag { get; }

    /// <summary>The digest; wins over <see cref="Tag"/> when the image is pulled.</summary>
    public Digest? Digest { get; }

    /// <summary>What goes into the request: the digest, else the tag.</summary>
    public string Target => Digest?.ToString() ?? Tag!;

    /// <summary>A reference by tag.</summary>
    /// <exception cref="FormatException">The name or the tag is not one.</exception>
    public static ImageReference ByTag(string repository, string tag) => Create(repository, tag, null);

    /// <summary>A reference by digest.</summary>
    /// <exception cref="FormatException">The name is not one.</exception>
    public static ImageReference ByDigest(string repository, Digest digest) => Create(repository, null, digest);

    /// <summary>Reads <c>repository[:tag][@digest]</c>; without either, the tag is <c>latest</c>.</summary>
    /// <exception cref="FormatException">The text is not a reference.</exception>
    public static ImageReference Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Digest? digest = null;
        var rest = text;
        var at = rest.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0)
        {
            digest = Model.Digest.Parse(rest[(at + 1)..]);
            rest = rest[..at];
        }

        var colon = rest.LastIndexOf(':');
        var tag = colon > rest.LastIndexOf('/') ? rest[(colon + 1)..] : null;
        return Create(tag is null ? rest : rest[..colon], tag ?? (digest is null ? "latest" : null), digest);
    }

    /// <summary>Whether a text can be a repository's name.</summary>
    public static bool IsRepository([NotNullWhen(true)] string? name) => name is { Length: > 0 and <= 255 } && RepositoryPattern().IsMatch(name);

    /// <summary>The reference as it is typed.</summary>
    public override string ToString() => Repository + (Tag is null ? "" : ":" + Tag) + (Digest is { } digest ? "@" + digest : "");

    private static ImageReference Create(string repository, string? tag, Digest? digest)
    {
        if (!IsRepository(repository))
            throw new FormatException($"'{repository}' is not a repository name. Expected lower-case parts joined by '/', without the registry's host.");
        if (tag is not null && !TagPattern().IsMatch(tag))
            throw new FormatException($"'{tag}' is not a tag. Expected up to 128 letters, digits, '.', '_' and '-'.");
        return new ImageReference(repository, tag, digest);
    }

    [GeneratedRegex(@"\A[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex RepositoryPattern();

    [GeneratedRegex(@"\A[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex TagPattern();
}
