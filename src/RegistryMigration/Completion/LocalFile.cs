namespace RegistryMigration.Completion;

/// <summary>Reads small configuration files for completion, which must never fail.</summary>
internal static class LocalFile
{
    private const long MaxBytes = 1 << 20;

    /// <summary>The lines; none where the file is missing, unreadable or larger than any real configuration.</summary>
    public static IReadOnlyList<string> Lines(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= MaxBytes } ? File.ReadAllLines(path) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return [];
        }
    }
}
