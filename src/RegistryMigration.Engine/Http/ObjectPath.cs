namespace RegistryMigration.Engine.Http;

/// <summary>Names of objects as they stand in addresses.</summary>
internal static class ObjectPath
{
    // Keys are data: "a/../b" and "a//b" are names of objects, and must not be folded away on the way to the server.
    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>A name in a path, or in a header that holds a path: escaped but for its slashes.</summary>
    public static string Escape(string name) => Uri.EscapeDataString(name).Replace("%2F", "/", StringComparison.Ordinal);

    /// <summary>An address whose path and query are escaped already.</summary>
    public static Uri Address(string escaped) => new(escaped, AsItIs);
}
