using System.CommandLine;
using RegistryMigration.Model;

namespace RegistryMigration.Worker.Configuration;

/// <summary>Finds what each setting was given: an argument wins over the environment, and that over the configuration file.</summary>
internal sealed class SettingValues(ParseResult arguments, Func<string, string?> environment, ConfigurationFile? file)
{
    /// <summary>The value, or null where nobody gave one.</summary>
    public T? Find<T>(Setting<T> setting)
        where T : class => Raw(setting) is { } raw ? Parse(raw, setting.Parse) : null;

    /// <summary>The value, or null where nobody gave one.</summary>
    public T? FindValue<T>(Setting<T> setting)
        where T : struct => Raw(setting) is { } raw ? Parse(raw, setting.Parse) : null;

    /// <summary>The value, or <paramref name="fallback"/> where nobody gave one.</summary>
    public T Get<T>(Setting<T> setting, T fallback) => Raw(setting) is { } raw ? Parse(raw, setting.Parse) : fallback;

    /// <summary>The texts of a list; none where nobody gave any.</summary>
    public IReadOnlyList<string> List(ListSetting setting) =>
        Raw(setting) is { } raw ? [.. raw.Texts.SelectMany(text => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))] : [];

    /// <summary>The secret, or null where nobody gave one.</summary>
    /// <exception cref="UsageException">It was given as an argument, or its file can't be read.</exception>
    public Secret? Find(SecretSetting setting)
    {
        if (arguments.GetResult(setting.Option) is not null)
            throw new UsageException($"--{setting.Name} is not taken from the command line, where every user of the machine can read it. Give --{setting.File.Name} FILE or set {setting.Variable}.");
        return FromArguments(setting.File) is { } argument ? Parse(argument, SecretSetting.Read)
            : FromEnvironment(setting) is { } variable ? new Secret(variable.Texts[0])
            : FromEnvironment(setting.File) is { } variableFile ? Parse(variableFile, SecretSetting.Read)
            : FromFile(setting) is { } text ? Parse(text, value => new Secret(value))
            : FromFile(setting.File) is { } path ? Parse(path, SecretSetting.Read)
            : null;
    }

    private Raw? Raw(Setting setting) => FromArguments(setting) ?? FromEnvironment(setting) ?? FromFile(setting);

    private Raw? FromArguments(Setting setting) => arguments.GetResult(setting.Option) is { Implicit: false } result
        ? new Raw($"--{setting.Name}", result.Tokens.Count == 0 && setting is FlagSetting ? ["true"] : [.. result.Tokens.Select(token => token.Value)])
        : null;

    // An empty variable is how templates write "not set".
    private Raw? FromEnvironment(Setting setting) => environment(setting.Variable) is { Length: > 0 } text ? new Raw(setting.Variable, [text]) : null;

    private Raw? FromFile(Setting setting) => file?.Find(setting.Name) is { } texts ? new Raw($"'{setting.Name}' in {file.Path}", texts) : null;

    private static T Parse<T>(Raw raw, Func<string, T> parse)
    {
        if (raw.Texts.Count != 1)
            throw new UsageException($"{raw.Origin} was given {(raw.Texts.Count == 0 ? "no value" : "more than one value")}. Give it once.");
        try
        {
            return parse(raw.Texts[0]);
        }
        catch (FormatException e)
        {
            throw new UsageException($"{raw.Origin}: {e.Message}");
        }
    }
}

/// <summary>What somebody gave.</summary>
/// <param name="Origin">Who: the argument, the variable, or the key and the file.</param>
/// <param name="Texts">The texts as given.</param>
internal sealed record Raw(string Origin, IReadOnlyList<string> Texts);
