namespace RegistryMigration.Worker.Configuration;

/// <summary>Where the demo works and what it leaves.</summary>
internal sealed class DemoSettings : SettingGroup
{
    private readonly Setting<string> _directory;
    private readonly FlagSetting _clean;

    public DemoSettings()
    {
        _directory = Value("directory", "A directory that does not exist yet; a temporary one unless given", NewDirectory);
        _clean = Flag("clean", "Remove the directory at the end");
    }

    /// <summary>The directory to make, or null for a temporary one.</summary>
    public string? Directory(SettingValues values) => values.Find(_directory);

    /// <summary>Whether nothing is to be left.</summary>
    public bool Clean(SettingValues values) => values.Get(_clean, false);

    // --clean removes the directory with all that is in it, so it must be the demo's own.
    private static string NewDirectory(string path) => System.IO.Path.Exists(path)
        ? throw new FormatException($"'{path}' exists already. Give the path of a directory to make.")
        : SettingParsers.Text(path);
}
