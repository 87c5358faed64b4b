using System.Text.Json;
using System.Text.Json.Serialization;
using RegistryMigration.Model;

namespace RegistryMigration.Worker;

/// <summary>JSON that the worker reads and writes besides results, one line each, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true)]
[JsonSerializable(typeof(Dictionary<string, JsonElement>))]
[JsonSerializable(typeof(SyncResult))]
[JsonSerializable(typeof(SyncProgress))]
[JsonSerializable(typeof(AuditProgress))]
[JsonSerializable(typeof(Notice))]
internal sealed partial class WorkerJson : JsonSerializerContext;

/// <summary>A line of text among progress lines.</summary>
/// <param name="Warning">Something to know that stops nothing.</param>
/// <param name="Error">What ended the run.</param>
/// <param name="Kind">The kind of error, where a store or registry said it.</param>
internal sealed record Notice(string? Warning = null, string? Error = null, StoreErrorKind? Kind = null);
