namespace RegistryMigration.Clusters.Quay.Drivers;

/// <summary>What a driver takes as a setting's value.</summary>
public enum SettingType
{
    /// <summary>A text.</summary>
    Text,

    /// <summary>A whole number; most are taken as text too, as Quay's documentation writes ports.</summary>
    Number,

    /// <summary>True or false.</summary>
    Flag,

    /// <summary>Keys and values.</summary>
    Mapping,

    /// <summary>A list.</summary>
    List,
}

/// <summary>One setting of a storage driver: an argument of its class.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Type">What it takes.</param>
/// <param name="IsRequired">Whether Quay does not start without it.</param>
/// <param name="IsSecret">Whether it is never shown.</param>
public sealed record DriverSetting(string Name, SettingType Type, bool IsRequired, bool IsSecret);
