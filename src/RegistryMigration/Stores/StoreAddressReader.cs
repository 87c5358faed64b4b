using System.Management.Automation;
using RegistryMigration.Model;

namespace RegistryMigration.Stores;

/// <summary>Reads addresses as PowerShell users type them.</summary>
internal static class StoreAddressReader
{
    /// <summary>The store at an address, with what the environment says about clouds.</summary>
    public static RegistryStore Store(string text, PathIntrinsics paths) => Store(Address(text, paths));

    /// <inheritdoc cref="Store(string, PathIntrinsics)" />
    public static RegistryStore Store(StoreAddress address) => new(address) { Swift = new SwiftOptions { Environment = ProcessVariables.Read() } };

    /// <summary>The address; a path is taken from PowerShell's location.</summary>
    /// <exception cref="FormatException">The text is no address.</exception>
    public static StoreAddress Address(string text, PathIntrinsics paths)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Contains("://", StringComparison.Ordinal))
            return StoreAddress.Parse(text);
        // file:relative counts from PowerShell's location as well.
        var path = text.StartsWith("file:", StringComparison.OrdinalIgnoreCase) ? text[5..] : text;
        return path.Length == 0 ? StoreAddress.Parse(text) : StoreAddress.Directory(PowerShellPath.Resolve(path, paths));
    }
}
