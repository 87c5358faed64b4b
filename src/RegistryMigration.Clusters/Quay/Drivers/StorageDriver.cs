using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RegistryMigration.Clusters.Quay.Drivers;

/// <summary>A storage driver of Quay, and the settings that it takes.</summary>
/// <param name="Name">Its name in <c>DISTRIBUTED_STORAGE_CONFIG</c>.</param>
/// <param name="Settings">Its settings.</param>
public sealed record StorageDriver(string Name, IReadOnlyList<DriverSetting> Settings)
{
    private const string Stars = "***";

    private static readonly string[] SecretWords = ["secret", "password", "token", "credential", "private"];

    /// <summary>All drivers, in Quay's order.</summary>
    public static IReadOnlyList<StorageDriver> All => DriverTable.All;

    /// <summary>The driver of a name, which Quay takes letter by letter; null where there is none.</summary>
    public static StorageDriver? Find(string name) => All.FirstOrDefault(driver => driver.Name == name);

    /// <summary>What is wrong with an unknown driver's name, and the nearest known one.</summary>
    // storage/__init__.py, get_storage_driver.
    public static string Unknown(string name) =>
        $"'{name}' is no storage driver of Quay, which would take its FakeStorage in silence, and keep images in memory. {NearestName.Hint(name, All.Select(driver => driver.Name))}";

    /// <summary>What is wrong with settings, a sentence each; empty where Quay takes them.</summary>
    public IReadOnlyList<string> Validate(JsonObject settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return
        [
            .. settings.Where(pair => Setting(pair.Key) is null)
                .Select(pair => $"{Name} takes no '{pair.Key}', and Quay would not start. {NearestName.Hint(pair.Key, Settings.Select(setting => setting.Name))}"),
            .. Faults(settings),
        ];
    }

    /// <summary>What is missing, or of a wrong type. Keys that are not known here may be known to another version of Quay.</summary>
    internal IEnumerable<string> Faults(JsonObject settings)
    {
        foreach (var setting in Settings)
        {
            var value = settings[setting.Name];
            if (value is null && setting.IsRequired)
                yield return $"{Name} needs '{setting.Name}', which {(settings.ContainsKey(setting.Name) ? "has no value" : "is missing")}.";
            else if (value is not null && Mismatch(setting.Type, value) is { } mismatch)
                yield return $"'{setting.Name}' of {Name} {mismatch}.";
        }
    }

    /// <summary>The settings with stars in place of secrets, and of what is not known to be none.</summary>
    public JsonObject Mask(JsonObject settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new JsonObject(settings.Select(pair => KeyValuePair.Create(pair.Key, Setting(pair.Key) switch
        {
            null or { IsSecret: true } => pair.Value is null ? null : Stars,
            { Type: SettingType.Mapping or SettingType.List } => MaskInner(pair.Value),
            _ => pair.Value?.DeepClone(),
        })));
    }

    private DriverSetting? Setting(string name) => Settings.FirstOrDefault(setting => setting.Name == name);

    private static JsonNode? MaskInner(JsonNode? node) => node switch
    {
        JsonObject mapping => new JsonObject(mapping.Select(pair => KeyValuePair.Create(pair.Key, pair.Value is JsonValue && IsSecretName(pair.Key) ? Stars : MaskInner(pair.Value)))),
        JsonArray list => new JsonArray([.. list.Select(MaskInner)]),
        _ => node?.DeepClone(),
    };

    // Mappings hold other drivers' settings (MultiCDNStorage), and options of other software (os_options).
    private static bool IsSecretName(string name) =>
        All.SelectMany(driver => driver.Settings).Any(setting => setting.IsSecret && setting.Name == name)
        || SecretWords.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static string? Mismatch(SettingType type, JsonNode value) => (type, value.GetValueKind()) switch
    {
        (SettingType.Text, JsonValueKind.String) => null,
        (SettingType.Text, JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False) => "is a number or truth value, and Quay needs a text: put it in quotes",
        (SettingType.Number, JsonValueKind.Number) => null,
        (SettingType.Number, JsonValueKind.String) => int.TryParse(value.GetValue<string>(), NumberStyles.Integer, CultureInfo.InvariantCulture, out _) ? null : "is no number",
        (SettingType.Flag, JsonValueKind.True or JsonValueKind.False) => null,
        // Any text is true in Python, and Quay's documentation writes 'true'.
        (SettingType.Flag, JsonValueKind.String) => value.GetValue<string>() is "true" or "True" ? null : "is a text, and Quay takes any text as true: write true or false without quotes",
        (SettingType.Mapping, JsonValueKind.Object) => null,
        (SettingType.List, JsonValueKind.Array) => null,
        (SettingType.Text, _) => "is no text",
        (SettingType.Number, _) => "is no number",
        (SettingType.Flag, _) => "is neither true nor false",
        (SettingType.Mapping, _) => "is no mapping of keys to values",
        _ => "is no list",
    };
}
