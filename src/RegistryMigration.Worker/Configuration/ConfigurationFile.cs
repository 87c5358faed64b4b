using System.Text.Json;

namespace RegistryMigration.Worker.Configuration;

/// <summary>A JSON object whose keys are the names of settings.</summary>
internal sealed class ConfigurationFile
{
    private readonly Dictionary<string, JsonElement> _values;

    private ConfigurationFile(string path, Dictionary<string, JsonElement> values)
    {
        Path = path;
        _values = values;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The keys in it.</summary>
    public IEnumerable<string> Keys => _values.Keys;

    /// <summary>Reads a file; comments and trailing commas are allowed.</summary>
    /// <exception cref="UsageException">It can't be read, or is no JSON object.</exception>
    public static ConfigurationFile Load(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return new ConfigurationFile(path, JsonSerializer.Deserialize(stream, WorkerJson.Default.DictionaryStringJsonElement) ?? []);
        }
        catch (JsonException e)
        {
            // The position, not the message: that may repeat a part of the text, which may be a secret.
            throw new UsageException($"The configuration file '{path}' is no JSON object (line {e.LineNumber + 1}). Expected {{ \"source\": \"…\", \"destination\": \"…\" }} with the names of options as keys.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The configuration file '{path}' can't be read: {e.Message}");
        }
    }

    /// <summary>The texts under a key, or null where it is missing or null.</summary>
    /// <exception cref="UsageException">The value is an object.</exception>
    public IReadOnlyList<string>? Find(string key) => !_values.TryGetValue(key, out var value) ? null : value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.Array => [.. value.EnumerateArray().Select(item => Scalar(key, item))],
        _ => [Scalar(key, value)],
    };

    private string Scalar(string key, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => throw new UsageException($"The configuration file '{Path}' has something other than texts, numbers, true or false under '{key}'."),
    };
}
