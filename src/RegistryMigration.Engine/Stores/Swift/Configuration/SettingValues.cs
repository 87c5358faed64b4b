namespace RegistryMigration.Engine.Stores.Swift.Configuration;

/// <summary>Settings by their name in clouds.yaml (<c>auth_url</c>, <c>region_name</c>), whatever they were read from.</summary>
/// <param name="Source">Where they come from, for messages.</param>
/// <param name="Values">The values; names in lower case with underscores.</param>
internal sealed record SettingValues(string Source, IReadOnlyDictionary<string, string> Values)
{
    /// <summary>The first of the names that has a value.</summary>
    public string? Find(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Values.TryGetValue(name, out var value) && value.Length > 0)
                return value;
        }

        return null;
    }

    /// <summary>What <c>OS_…</c> variables say, and the <c>ST_…</c> ones that swiftclient reads for v1 authentication.</summary>
    public static SettingValues FromEnvironment(IReadOnlyDictionary<string, string> environment)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        // By name: a dictionary that is shown to people may enumerate stars in place of values.
        foreach (var name in environment.Keys)
        {
            if (name.StartsWith("OS_", StringComparison.Ordinal) && environment[name] is { Length: > 0 } value)
                values[name[3..].ToLowerInvariant()] = value;
        }

        foreach (var (variable, name) in new[] { ("ST_AUTH", "auth_url"), ("ST_USER", "username"), ("ST_KEY", "password") })
        {
            if (environment.TryGetValue(variable, out var value) && value.Length > 0)
                values.TryAdd(name, value);
        }

        return new SettingValues("the OS_… variables", values);
    }
}
