using System.Text.Json;
using System.Text.Json.Serialization;

namespace RegistryMigration.Model;

/// <summary>JSON of the results, without reflection so that a trimmed program writes it too.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SyncResult))]
[JsonSerializable(typeof(SyncProgress))]
[JsonSerializable(typeof(StoreDefect))]
[JsonSerializable(typeof(AuditResult))]
[JsonSerializable(typeof(StoreMeasure))]
public sealed partial class ModelJson : JsonSerializerContext;

/// <summary>Writes a store as its address.</summary>
public sealed class RegistryStoreJsonConverter : JsonConverter<RegistryStore>
{
    /// <inheritdoc />
    public override RegistryStore? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is { } address ? new RegistryStore(address) : null;

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, RegistryStore value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value?.ToString());
    }
}
