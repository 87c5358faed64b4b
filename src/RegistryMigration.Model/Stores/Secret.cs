using System.Text.Json.Serialization;

namespace RegistryMigration.Model;

/// <summary>A text that must not be shown: it prints, serialises and formats as stars.</summary>
[JsonConverter(typeof(SecretJsonConverter))]
public sealed class Secret
{
    private readonly string _value;

    /// <summary>Wraps a secret text.</summary>
    public Secret(string value) => _value = value;

    /// <summary>The text itself. A method, so that no formatter or serialiser finds it.</summary>
    public string Reveal() => _value;

    /// <summary>Always <c>***</c>.</summary>
    public override string ToString() => "***";
}

/// <summary>Writes stars, reads a text (worker configuration files).</summary>
public sealed class SecretJsonConverter : JsonConverter<Secret>
{
    /// <inheritdoc />
    public override Secret? Read(ref System.Text.Json.Utf8JsonReader reader, Type typeToConvert, System.Text.Json.JsonSerializerOptions options) =>
        reader.GetString() is { } text ? new Secret(text) : null;

    /// <inheritdoc />
    public override void Write(System.Text.Json.Utf8JsonWriter writer, Secret value, System.Text.Json.JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
