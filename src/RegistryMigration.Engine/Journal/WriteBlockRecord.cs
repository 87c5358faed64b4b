using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>The proof that writes are refused, within the step that blocked them.</summary>
public static class WriteBlockRecord
{
    private const string Field = "refusedPush";

    /// <summary>What to keep of a refused push.</summary>
    /// <exception cref="ArgumentException">The push was not refused.</exception>
    public static JsonObject Of(PushResult push)
    {
        ArgumentNullException.ThrowIfNull(push);
        if (!push.Refused)
            throw new ArgumentException("Not refused: this proves nothing.", nameof(push));
        return new JsonObject { [Field] = new JsonObject { ["registry"] = push.Registry, ["repository"] = push.Repository, ["status"] = push.StatusCode } };
    }

    /// <summary>Whether a step holds the proof.</summary>
    public static bool IsIn(MigrationStep step) => step?.After?[Field] is JsonObject;
}
