namespace RegistryMigration.Worker.Configuration;

/// <summary>What a Job of a cluster needs besides: a result that outlives the log, and exit codes that say whether to try again.</summary>
internal sealed class JobSettings : SettingGroup
{
    private readonly Setting<string> _terminationMessage;
    private readonly FlagSetting _acceptDefects;

    public JobSettings()
    {
        _terminationMessage = Value("termination-message", "Write the result in at most 4096 bytes of JSON to this file, as containers tell their end (/dev/termination-log)", SettingParsers.Text);
        _acceptDefects = Flag("accept-defects", "Exit with 0 also where some of the source is broken: another attempt would find the same, and the result says it");
    }

    /// <summary>The file for the result in short, or null for none.</summary>
    public string? TerminationMessage(SettingValues values) => values.Find(_terminationMessage);

    /// <summary>Whether broken content at the source is an end like any other.</summary>
    public bool AcceptDefects(SettingValues values) => values.Get(_acceptDefects, false);
}
