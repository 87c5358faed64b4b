using System.Text;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Requests;

/// <summary>The paths of the API: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris.</summary>
internal static class ApiPaths
{
    /// <summary>The path of a group and version.</summary>
    public static string Root(string group, string version) => group.Length == 0 ? $"/api/{version}" : $"/apis/{Segment(group)}/{Segment(version)}";

    /// <summary>The path of a type's objects; null is all namespaces.</summary>
    public static string Collection(ResourceType type, string? @namespace) =>
        $"{Root(type.Group, type.Version)}{(type.Namespaced && @namespace is not null ? $"/namespaces/{Segment(@namespace)}" : "")}/{type.Plural}";

    /// <summary>The path of an object or one of its subresources.</summary>
    /// <exception cref="ArgumentException">The type lives in namespaces and none is given.</exception>
    public static string Object(ResourceType type, string? @namespace, string name, string? subresource = null)
    {
        RequireNamespace(type, @namespace);
        return $"{Collection(type, @namespace)}/{Segment(name)}{(subresource is null ? "" : $"/{subresource}")}";
    }

    /// <summary>Refuses what only a missing argument can mean: the path without a namespace would be the one of all of them.</summary>
    public static void RequireNamespace(ResourceType type, string? @namespace)
    {
        if (type.Namespaced && string.IsNullOrEmpty(@namespace))
            throw new ArgumentException($"{type} live in namespaces. Name one.", nameof(@namespace));
    }

    /// <summary>A path with a query; values that are null are left out.</summary>
    public static string Query(string path, params ReadOnlySpan<(string Name, string? Value)> values)
    {
        var text = new StringBuilder(path);
        var next = '?';
        foreach (var (name, value) in values)
        {
            if (value is null)
                continue;
            text.Append(next).Append(name).Append('=').Append(Uri.EscapeDataString(value));
            next = '&';
        }

        return text.ToString();
    }

    // Names come from outside; these would lead somewhere else, and Kubernetes takes none of them (path segment names).
    private static string Segment(string name) => name.Length == 0 || name is "." or ".." || name.AsSpan().ContainsAny('/', '%')
        ? throw new ClusterException(ClusterErrorKind.Invalid, $"'{name}' is no name of an object: names are not empty, not '.' or '..', and have neither '/' nor '%'.")
        : Uri.EscapeDataString(name);
}
