using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RegistryMigration.Clusters.Quay.Configuration;

/// <summary>What plain scalars are to Quay, which reads with PyYAML, by YAML 1.1: <c>yes</c> is true, and <c>1e5</c> a text.</summary>
/// <remarks>https://yaml.org/type/ and PyYAML's resolver.py; Quay loads it in util/config/provider/baseprovider.py.</remarks>
internal static partial class YamlScalars
{
    /// <summary>The value of a plain scalar. Dates and times stay texts: JSON has none.</summary>
    public static JsonNode? Read(string text)
    {
        if (text is "" or "~" or "null" or "Null" or "NULL")
            return null;
        if (Flag(text) is { } flag)
            return JsonValue.Create(flag);
        if (Integer().IsMatch(text))
            return Number(text);
        return Fraction().IsMatch(text) && double.TryParse(Bare(text), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? JsonValue.Create(number)
            : JsonValue.Create(text);
    }

    /// <summary>Whether a text can stand without quotes and is the same text to every reader of YAML 1.1 and 1.2; some that could are quoted too.</summary>
    public static bool IsPlain(string text) => Word().IsMatch(text) && !Reserved().IsMatch(text);

    private static bool? Flag(string text) => text switch
    {
        "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON" => true,
        "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF" => false,
        _ => null,
    };

    private static string Bare(string text) => text.Replace("_", "", StringComparison.Ordinal);

    private static JsonNode Number(string text)
    {
        var digits = Bare(text).TrimStart('+', '-');
        var number = digits switch
        {
            ['0', 'x', .. var hex] => BigInteger.Parse("0" + hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
            ['0', .. { Length: > 0 } octal] => octal.Aggregate(BigInteger.Zero, (sum, digit) => (sum * 8) + (digit - '0')),
            _ => BigInteger.Parse(digits, CultureInfo.InvariantCulture),
        };
        // As a text of JSON, since a number may be longer than any type.
        return JsonNode.Parse((text[0] == '-' ? -number : number).ToString(CultureInfo.InvariantCulture))!;
    }

    [GeneratedRegex(@"^[-+]?(0|[1-9][0-9_]*|0[0-7_]*[0-7]|0x[0-9a-fA-F_]*[0-9a-fA-F])\z", RegexOptions.CultureInvariant)]
    private static partial Regex Integer();

    [GeneratedRegex(@"^[-+]?([0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)([eE][-+][0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Fraction();

    // Begins with a letter or slash, so that it is no number, date or time; a colon stands before something that is no space.
    [GeneratedRegex(@"^[A-Za-z/][A-Za-z0-9_./@+=-]*(:[A-Za-z0-9_./@+=-]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    [GeneratedRegex(@"^(y|n|yes|no|true|false|on|off|null|none)\z", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Reserved();
}
