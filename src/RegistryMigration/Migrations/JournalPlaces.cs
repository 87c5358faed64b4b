namespace RegistryMigration.Migrations;

/// <summary>Where journals are on this machine: a file or a folder that was given, or the user's state folder.</summary>
internal static class JournalPlaces
{
    private const string Extension = ".jsonl";

    /// <summary>The folder of journals where none is given: <c>$XDG_STATE_HOME/registry-migration</c> (<c>~/.local/state/registry-migration</c>), on Windows below LocalApplicationData.</summary>
    public static string DefaultFolder =>
        OperatingSystem.IsWindows() ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "registry-migration")
        : Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state ? Path.Combine(state, "registry-migration")
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state", "registry-migration");

    /// <summary>The journal of a migration.</summary>
    /// <param name="given">A file (*.jsonl) or a folder, as a path of the disk; null takes the default folder.</param>
    /// <param name="name">The migration's name.</param>
    public static string File(string? given, string name) => given is not null && IsFile(given) ? given : Path.Combine(given ?? DefaultFolder, name + Extension);

    /// <summary>The journals of a file or folder; those that ended and were put aside as well.</summary>
    public static IEnumerable<string> Files(string? given)
    {
        var place = given ?? DefaultFolder;
        if (IsFile(place))
            return System.IO.File.Exists(place) ? [place] : [];
        return Directory.Exists(place) ? Directory.EnumerateFiles(place, "*" + Extension).Order(StringComparer.Ordinal) : [];
    }

    private static bool IsFile(string path) => path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase);
}
