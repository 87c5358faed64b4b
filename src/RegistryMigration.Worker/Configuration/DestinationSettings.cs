namespace RegistryMigration.Worker.Configuration;

/// <summary>What may be done about a destination that is not there.</summary>
internal sealed class DestinationSettings : SettingGroup
{
    private readonly FlagSetting _initialize;

    public DestinationSettings() =>
        _initialize = Flag("initialize", "Make the destination's directory, bucket or container where it is missing; without this a missing one is an error, as an unmounted volume is one");

    /// <summary>Whether a missing one is made.</summary>
    public bool Initialize(SettingValues values) => values.Get(_initialize, false);
}
