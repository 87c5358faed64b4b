using System.Text.Json.Nodes;

namespace RegistryMigration.Clusters.Quay.Steps;

/// <summary>What a step found under the names of the files that it writes beside a configuration.</summary>
internal static class FileRecord
{
    /// <summary>The field of a step's record: names, and what was found under them.</summary>
    public const string Field = "files";

    /// <summary>Nothing.</summary>
    public const string Absent = "";

    /// <summary>The files that were added by the last of these records to name them, and replaced nothing.</summary>
    public static IEnumerable<string> AddedBy(IEnumerable<JsonObject> records) =>
        records.SelectMany(record => record[Field] as JsonObject ?? []).GroupBy(file => file.Key, StringComparer.Ordinal).Where(found => (string?)found.Last().Value == Absent).Select(found => found.Key);
}
