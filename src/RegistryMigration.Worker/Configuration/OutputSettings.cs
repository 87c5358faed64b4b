namespace RegistryMigration.Worker.Configuration;

/// <summary>What is written where; every command has these.</summary>
internal sealed class OutputSettings : SettingGroup
{
    private readonly FlagSetting _json;
    private readonly Setting<ProgressMode> _progress;
    private readonly Setting<string> _progressFile;
    private readonly Setting<TimeSpan> _progressInterval;
    private readonly FlagSetting _verbose;

    public OutputSettings()
    {
        Config = Value("config", "A JSON file with the names of options as keys", SettingParsers.Text);
        _json = Flag("json", "Write the result as JSON on standard output");
        _progress = Value("progress", "none, text or json (lines); text on a terminal unless given", SettingParsers.OneOf<ProgressMode>);
        _progressFile = Value("progress-file", "Write progress to this file instead of standard error", SettingParsers.Text);
        _progressInterval = Value("progress-interval", "The least time between two lines of JSON progress (as they come)", SettingParsers.Time);
        _verbose = Flag("verbose", "Show stack traces of errors");
    }

    /// <summary>Names the configuration file; not taken from that file itself.</summary>
    public Setting<string> Config { get; }

    /// <summary>The result as JSON instead of a summary.</summary>
    public bool Json(SettingValues values) => values.Get(_json, false);

    /// <summary>How progress is told; null where nobody said.</summary>
    public ProgressMode? Progress(SettingValues values) => values.FindValue(_progress);

    /// <summary>The file for progress, or null for standard error.</summary>
    public string? ProgressFile(SettingValues values) => values.Find(_progressFile);

    /// <summary>The least time between two lines of JSON progress; zero writes them as they come.</summary>
    public TimeSpan ProgressInterval(SettingValues values) => values.Get(_progressInterval, TimeSpan.Zero);

    /// <summary>Stack traces with errors.</summary>
    public bool Verbose(SettingValues values) => values.Get(_verbose, false);
}

/// <summary>How progress is told.</summary>
internal enum ProgressMode
{
    /// <summary>Not at all; warnings still are.</summary>
    None,

    /// <summary>One line for people, rewritten in place on a terminal.</summary>
    Text,

    /// <summary>One JSON object a line.</summary>
    Json,
}
