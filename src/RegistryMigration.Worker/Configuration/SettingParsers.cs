using System.Globalization;

namespace RegistryMigration.Worker.Configuration;

/// <summary>Reads the values of settings. Each failure is a <see cref="FormatException"/> that says what was expected.</summary>
internal static class SettingParsers
{
    private static readonly (string Suffix, long Factor)[] Sizes =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40),
        ("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
        ("B", 1), ("", 1),
    ];

    private static readonly (string Suffix, double Seconds)[] Times = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("", 1)];

    /// <summary>Any text that is not empty.</summary>
    public static string Text(string text) => text.Length > 0 ? text : throw new FormatException("the value is empty.");

    /// <summary>true or false.</summary>
    public static bool Boolean(string text) => text.ToUpperInvariant() switch
    {
        "TRUE" or "YES" or "1" => true,
        "FALSE" or "NO" or "0" => false,
        _ => throw new FormatException($"'{text}' is neither true nor false."),
    };

    /// <summary>A whole number in a range.</summary>
    public static Func<string, int> Integer(int least = 1, int most = int.MaxValue) => text =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new FormatException(string.Create(
                CultureInfo.InvariantCulture,
                $"'{text}' is no whole number {(most == int.MaxValue ? $"of at least {least}" : $"from {least} to {most}")}."));

    /// <summary>A number of at least zero.</summary>
    public static double Number(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"'{text}' is no number like 0.2.");

    /// <summary>Bytes: a number with an optional unit, 1,024-based (KiB, MiB, GiB, TiB) or 1,000-based (kB, MB, GB, TB).</summary>
    public static long Size(string text) =>
        TryUnit(text, Sizes, out var number, out var factor) && number * factor is >= 1 and < long.MaxValue and var bytes
            ? (long)bytes
            : throw new FormatException($"'{text}' is no size like 16MiB, 5GB or 1048576.");

    /// <summary>A time: a number with an optional unit ms, s, m or h; seconds without one.</summary>
    public static TimeSpan Time(string text) =>
        TryUnit(text, Times, out var number, out var seconds) && number * seconds < TimeSpan.MaxValue.TotalSeconds
            ? TimeSpan.FromSeconds(number * seconds)
            : throw new FormatException($"'{text}' is no time like 30s, 15m or 500ms.");

    /// <summary>An absolute http or https address.</summary>
    public static Uri HttpAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0
            ? uri
            // Not repeated: an address with a password in it must not reach the screen.
            : throw new FormatException("the address is not of the form https://host:port/path (and holds no user name or password).");

    /// <summary>One of the names of an enumeration, whatever the case.</summary>
    public static T OneOf<T>(string text)
        where T : struct, Enum =>
        Enum.GetNames<T>().Contains(text, StringComparer.OrdinalIgnoreCase)
            ? Enum.Parse<T>(text, ignoreCase: true)
            : throw new FormatException($"'{text}' is none of {string.Join(", ", Enum.GetNames<T>().Select(name => name.ToLowerInvariant()))}.");

    private static bool TryUnit<T>(string text, (string Suffix, T Factor)[] units, out double number, out T factor)
    {
        foreach (var (suffix, value) in units)
        {
            factor = value;
            if (text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(text.AsSpan(0, text.Length - suffix.Length).TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number))
                return true;
        }

        (number, factor) = (0, units[0].Factor);
        return false;
    }
}
