using System.Globalization;
using System.Text.Json.Nodes;

namespace RegistryMigration.Model;

/// <summary>The proof that writes are refused, within the step that blocked them.</summary>
public static class WriteBlockRecord
{
    private const string Field = "refusedPush";
    private const string Time = "at";

    /// <summary>What to keep of a refused push.</summary>
    /// <param name="push">The push.</param>
    /// <param name="at">When it was refused.</param>
    /// <exception cref="ArgumentException">The push was not refused.</exception>
    public static JsonObject Of(PushResult push, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(push);
        if (!push.Refused)
            throw new ArgumentException("Not refused: this proves nothing.", nameof(push));
        return new JsonObject
        {
            [Field] = new JsonObject { ["registry"] = push.Registry, ["repository"] = push.Repository, ["status"] = push.StatusCode, [Time] = at.ToString("O", CultureInfo.InvariantCulture) },
        };
    }

    /// <summary>When the push of a step was refused; null where the step holds no such proof.</summary>
    public static DateTimeOffset? TimeOf(MigrationStep step) =>
        step?.After?[Field]?[Time] is JsonValue value && value.TryGetValue<string>(out var text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at) ? at : null;
}
