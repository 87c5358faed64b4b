using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace RegistryMigration.Stores;

/// <summary>The environment variables that name clouds, clusters and their credentials, for the engine, which reads no environment by itself.</summary>
/// <remarks>
/// A store or a cluster is an object that people print: Format-List, ConvertTo-Json and Export-Clixml enumerate it. So enumeration shows stars for
/// values; only who asks for a variable by name gets its value.
/// </remarks>
internal sealed class ProcessVariables : IReadOnlyDictionary<string, string>
{
    // OS_: OpenStack clients; ST_: swiftclient's v1 authentication; the last two say where clouds.yaml is looked for.
    private static readonly string[] Prefixes = ["OS_", "ST_"];
    private static readonly string[] Names = ["HOME", "XDG_CONFIG_HOME"];

    private readonly SortedDictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Picks the variables that matter to stores.</summary>
    public ProcessVariables(IDictionary environment)
        : this(environment, name => Names.Contains(name) || Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
    {
    }

    private ProcessVariables(IDictionary environment, Func<string, bool> matters)
    {
        foreach (DictionaryEntry variable in environment)
        {
            if (variable is { Key: string name, Value: string value } && matters(name))
                _values[name] = value;
        }
    }

    /// <summary>Every variable of this process, now: for clusters, whose exec plugins inherit it all.</summary>
    public static ProcessVariables ReadAll() => new(Environment.GetEnvironmentVariables(), _ => true);

    /// <summary>Those of this process, now.</summary>
    public static ProcessVariables Read() => new(Environment.GetEnvironmentVariables());

    public int Count => _values.Count;

    // A copy: the collection of a dictionary leads serializers back to the values through SyncRoot.
    public IEnumerable<string> Keys => _values.Keys.ToArray();

    public IEnumerable<string> Values => _values.Select(_ => "***");

    public string this[string key] => _values[key];

    public bool ContainsKey(string key) => _values.ContainsKey(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value) => _values.TryGetValue(key, out value);

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _values.Select(variable => KeyValuePair.Create(variable.Key, "***")).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
