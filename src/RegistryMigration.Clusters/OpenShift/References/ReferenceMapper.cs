using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.References;

/// <summary>Applies mappings to references; the first that matches decides.</summary>
/// <param name="mappings">The mappings in order.</param>
public sealed class ReferenceMapper(IReadOnlyList<ReferenceMapping> mappings)
{
    // What a reference without a registry means, and what the oldest entries of a docker configuration are called.
    private const string DockerHub = "docker.io";
    private const string DockerHubKey = "https://index.docker.io/v1/";

    /// <summary>The reference that a reference becomes; the same where no mapping matches, or where it is none. Tag and digest stay as they are written.</summary>
    public string Map(string reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        var (registry, name, rest) = Split(reference);
        if (!ImageReference.IsRepository(name) || mappings.FirstOrDefault(mapping => mapping.Matches(registry ?? DockerHub, name)) is not { } found)
            return reference;
        var newRegistry = found.ToRegistry ?? registry;
        return $"{(newRegistry is null ? "" : newRegistry + "/")}{found.ToName ?? name}{rest}";
    }

    /// <summary>The key of a docker configuration (<c>host</c>, <c>host/path</c>, <c>https://host/v1/</c>) that a key becomes; the same where no mapping matches.</summary>
    public string MapKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var text = key.Length == 0 ? DockerHubKey : key;
        if (!text.StartsWith("https://", StringComparison.Ordinal) && !text.StartsWith("http://", StringComparison.Ordinal))
            text = "https://" + text;
        var start = text.IndexOf("//", StringComparison.Ordinal) + 2;
        var slash = text.IndexOf('/', start);
        var (registry, name) = slash < 0 ? (text[start..], "") : (text[start..slash], text[(slash + 1)..]);
        // Docker takes host, host/v1/ and host/v2/ for the same.
        if (name.StartsWith("v1/", StringComparison.Ordinal) || name.StartsWith("v2/", StringComparison.Ordinal))
            name = name[3..];
        if (mappings.FirstOrDefault(mapping => mapping.Matches(registry, name)) is not { } found)
            return key;
        var (newRegistry, newName) = (found.ToRegistry ?? registry, found.ToName ?? name);
        return newName.Length > 0 ? $"{newRegistry}/{newName}" : newRegistry;
    }

    // distribution's reference grammar: the first part is a registry when it has a dot or a colon, or is localhost.
    private static (string? Registry, string Name, string Tail) Split(string reference)
    {
        var slash = reference.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? "" : reference[..slash];
        var registry = first == "localhost" || first.AsSpan().ContainsAny('.', ':') ? first : null;
        var path = registry is null ? reference : reference[(slash + 1)..];
        var end = path.AsSpan().IndexOfAny('@', ':');
        return end < 0 ? (registry, path, "") : (registry, path[..end], path[end..]);
    }
}
