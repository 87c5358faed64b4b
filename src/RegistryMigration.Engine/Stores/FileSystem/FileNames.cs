namespace RegistryMigration.Engine.Stores.FileSystem;

/// <summary>Keys that are fine in general and that this machine's file system can't hold.</summary>
internal static class FileNames
{
    // On Unix only NUL and the slash; on Windows also \ : * ? " < > |, which would change the meaning of a path.
    private static readonly char[] Forbidden = Path.GetInvalidFileNameChars();

    /// <summary>What is wrong with a key that passed <see cref="KeyRules"/>, as the end of a sentence; null where nothing is.</summary>
    public static string? Problem(string key)
    {
        var name = key.AsSpan(key.LastIndexOf('/') + 1);
        if (TemporaryFiles.IsOurs(name))
            return "its name is kept for unfinished files";
        if (!OperatingSystem.IsWindows())
            return null;
        foreach (var segment in key.Split('/'))
        {
            if (segment.IndexOfAny(Forbidden) is >= 0 and var at)
                return $"Windows allows no '{segment[at]}' in a name";

            // Windows drops them silently, and two keys would share one file.
            if (segment[^1] is '.' or ' ')
                return "Windows allows no dot or space at the end of a name";
        }

        return null;
    }
}
