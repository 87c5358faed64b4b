using System.CommandLine;
using RegistryMigration.Model;

namespace RegistryMigration.Worker.Configuration;

/// <summary>One value that an argument, an environment variable or the configuration file can give, under one name.</summary>
internal abstract class Setting
{
    protected Setting(string name, Option option, ArgumentArity arity, string help)
    {
        Name = name;
        Variable = "REGISTRYMIGRATION_" + name.Replace('-', '_').ToUpperInvariant();
        Option = option;
        Option.Description = help;
        Option.Arity = arity;
    }

    /// <summary>The name: <c>source-endpoint</c> is <c>--source-endpoint</c>, and the same key in the file.</summary>
    public string Name { get; }

    /// <summary>The environment variable: <c>REGISTRYMIGRATION_SOURCE_ENDPOINT</c>.</summary>
    public string Variable { get; }

    /// <summary>The argument. All are texts, so that every origin is read by the same parser.</summary>
    public Option Option { get; }
}

/// <summary>A setting with one value.</summary>
internal class Setting<T>(string name, string help, Func<string, T> parse, ArgumentArity? arity = null)
    : Setting(name, new Option<string>("--" + name), arity ?? ArgumentArity.ExactlyOne, help)
{
    /// <summary>Reads the text; a <see cref="FormatException"/> says what was expected.</summary>
    public T Parse(string text) => parse(text);
}

/// <summary>Yes or no; the bare argument means yes.</summary>
internal sealed class FlagSetting(string name, string help) : Setting<bool>(name, help, SettingParsers.Boolean, ArgumentArity.ZeroOrOne);

/// <summary>Several texts: the argument repeated or followed by several, a JSON array, or a list with commas.</summary>
internal sealed class ListSetting : Setting
{
    public ListSetting(string name, string help)
        : base(name, new Option<string[]>("--" + name), ArgumentArity.OneOrMore, help) => Option.AllowMultipleArgumentsPerToken = true;
}

/// <summary>A secret: the environment or the configuration file gives it, or a file of its own that an argument names.</summary>
/// <remarks>
/// Arguments are visible to every user of a machine (/proc/PID/cmdline) and end up in shell histories, so the argument exists only to
/// be refused without repeating what it was given.
/// </remarks>
internal sealed class SecretSetting : Setting
{
    public SecretSetting(string name, string help)
        : base(name, new Option<string>("--" + name), ArgumentArity.ZeroOrOne, "Not taken from arguments.")
    {
        Option.Hidden = true;
        File = new Setting<string>(name + "-file", help + " (a file that holds it)", SettingParsers.Text);
    }

    /// <summary>Names the file that holds the secret.</summary>
    public Setting<string> File { get; }

    /// <summary>Reads the file.</summary>
    /// <exception cref="FormatException">The file can't be read or is empty.</exception>
    public static Secret Read(string path)
    {
        try
        {
            // Editors and here-documents end files with a newline that is no part of the secret.
            var text = System.IO.File.ReadAllText(path).TrimEnd('\r', '\n');
            return text.Length > 0 ? new Secret(text) : throw new FormatException($"the secret file '{path}' is empty.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"the secret file '{path}' can't be read: {e.Message}", e);
        }
    }
}
