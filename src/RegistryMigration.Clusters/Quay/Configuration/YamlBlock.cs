using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace RegistryMigration.Clusters.Quay.Configuration;

/// <summary>Writes a value as YAML in lines; texts that any reader would take for something else get quotes.</summary>
internal static class YamlBlock
{
    private const string NewLine = "\n";

    /// <summary>The lines of <c>key: value</c>, without indentation.</summary>
    public static string[] Entry(string key, JsonNode? value)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = NewLine };
        var emitter = new Emitter(text, EmitterSettings.Default.WithNewLine(NewLine).WithBestWidth(int.MaxValue).WithMaxSimpleKeyLength(1000));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(emitter, new JsonObject { [key] = value?.DeepClone() });
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString().TrimEnd('\n').Split('\n');
    }

    private static void Emit(Emitter emitter, JsonNode? value)
    {
        switch (value)
        {
            case JsonObject mapping:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, mapping.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (key, inner) in mapping)
                {
                    emitter.Emit(Text(key));
                    Emit(emitter, inner);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray sequence:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, sequence.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in sequence)
                    Emit(emitter, item);
                emitter.Emit(new SequenceEnd());
                break;
            case JsonValue scalar when scalar.GetValueKind() == JsonValueKind.String:
                emitter.Emit(Text(scalar.GetValue<string>()));
                break;
            case JsonValue scalar when scalar.GetValueKind() == JsonValueKind.Number:
                emitter.Emit(Plain(Number(scalar.ToJsonString())));
                break;
            default:
                emitter.Emit(Plain(value?.ToJsonString() ?? "null"));
                break;
        }
    }

    private static Scalar Plain(string text) => Styled(text, ScalarStyle.Plain);

    private static Scalar Text(string text) =>
        Styled(text, YamlScalars.IsPlain(text) ? ScalarStyle.Plain : text.All(letter => letter is >= ' ' and <= '~') ? ScalarStyle.SingleQuoted : ScalarStyle.DoubleQuoted);

    private static Scalar Styled(string text, ScalarStyle style) => new(AnchorName.Empty, TagName.Empty, text, style, isPlainImplicit: true, isQuotedImplicit: true);

    // YAML 1.1 knows an exponent behind a fraction only, and with its sign.
    private static string Number(string json) =>
        json.IndexOfAny(['e', 'E']) < 0 ? json : double.Parse(json, CultureInfo.InvariantCulture).ToString("E16", CultureInfo.InvariantCulture);
}
