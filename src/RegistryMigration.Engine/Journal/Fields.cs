using System.Text.Json.Nodes;

namespace RegistryMigration.Engine.Journal;

/// <summary>Reads what steps recorded; a field that is missing, or of another type, reads as nothing.</summary>
internal static class Fields
{
    public static string Text(JsonObject from, string name) => from[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    public static long Number(JsonObject from, string name) => from[name] is JsonValue value && value.TryGetValue<long>(out var number) ? number : 0;

    public static bool Flag(JsonObject from, string name) => from[name] is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    public static TimeSpan Time(JsonObject from, string name) => from[name] is JsonValue value && value.TryGetValue<double>(out var seconds) ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero;
}
