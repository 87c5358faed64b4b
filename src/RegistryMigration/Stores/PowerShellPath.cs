using System.Management.Automation;

namespace RegistryMigration.Stores;

/// <summary>Turns what is typed in PowerShell into a path on disk: relative to its location, through its drives.</summary>
internal static class PowerShellPath
{
    /// <exception cref="FormatException">The path leads to something that is no file system.</exception>
    public static string Resolve(string path, PathIntrinsics paths)
    {
        string resolved;
        ProviderInfo provider;
        try
        {
            resolved = paths.GetUnresolvedProviderPathFromPSPath(path, out provider, out _);
        }
        catch (Exception e) when (e is System.Management.Automation.DriveNotFoundException or ProviderNotFoundException or ProviderInvocationException or NotSupportedException)
        {
            throw new FormatException($"'{path}' is no path: {e.Message}", e);
        }

        return provider.Name == "FileSystem"
            ? resolved
            : throw new FormatException($"'{path}' lies in PowerShell's {provider.Name} provider. Give a directory of the file system.");
    }
}
