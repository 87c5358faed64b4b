using System.Text.Json.Nodes;

namespace RegistryMigration.Clusters.OpenShift.Changes;

/// <summary>A taint that pods tolerate, written as <c>kubectl taint</c> writes taints: <c>key=value:effect</c>, <c>key:effect</c>, <c>key</c>.</summary>
/// <param name="Key">The taint's key; null is every one.</param>
/// <param name="Value">The taint's value; null is any.</param>
/// <param name="Effect">NoSchedule, PreferNoSchedule or NoExecute; null is any.</param>
public sealed record Toleration(string? Key, string? Value, string? Effect)
{
    private static readonly string[] Effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

    /// <summary>Reads a toleration; <c>*</c> as key is every one.</summary>
    /// <exception cref="FormatException">The text is none.</exception>
    public static Toleration Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.LastIndexOf(':');
        var (taint, effect) = colon < 0 ? (text, null) : (text[..colon], text[(colon + 1)..]);
        var equals = taint.IndexOf('=', StringComparison.Ordinal);
        var (key, value) = equals < 0 ? (taint, null) : (taint[..equals], taint[(equals + 1)..]);
        if (key.Length == 0 || (effect is not null && !Effects.Contains(effect, StringComparer.Ordinal)) || (key == "*" && value is not null))
            throw new FormatException($"'{text}' is no toleration. Expected key=value:effect, key:effect or key, with the effect {string.Join(", ", Effects)}.");
        return new Toleration(key == "*" ? null : key, value, effect);
    }

    /// <summary>As it is in an object.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["operator"] = Value is null ? "Exists" : "Equal" };
        if (Key is not null)
            json["key"] = Key;
        if (Value is not null)
            json["value"] = Value;
        if (Effect is not null)
            json["effect"] = Effect;
        return json;
    }
}
