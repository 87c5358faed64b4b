using System.Net.Http.Headers;

namespace RegistryMigration.Engine.Registries.Authentication;

/// <summary>One challenge of a WWW-Authenticate header: a scheme and its parameters.</summary>
/// <remarks>
/// RFC 9110, 11.6.1: several challenges may share one header, commas separate challenges as well as parameters, and quoted values hold
/// commas themselves (<c>scope="repository:a/b:pull,push"</c>). The framework's parser leaves the parameters unread.
/// </remarks>
internal sealed record AuthenticationChallenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    public bool IsBearer => Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase);

    public bool IsBasic => Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase);

    public string? this[string parameter] => Parameters.GetValueOrDefault(parameter);

    /// <summary>The challenge as it holds for any request: the scope belongs to the one that was refused.</summary>
    public AuthenticationChallenge WithoutScope() =>
        this with { Parameters = Parameters.Where(p => !p.Key.Equals("scope", StringComparison.OrdinalIgnoreCase)).ToDictionary(StringComparer.OrdinalIgnoreCase) };

    public static IReadOnlyList<AuthenticationChallenge> Of(HttpResponseHeaders headers)
    {
        var challenges = new List<AuthenticationChallenge>();
        if (headers.NonValidated.TryGetValues("WWW-Authenticate", out var values))
        {
            foreach (var value in values)
                Parse(value, challenges);
        }

        return challenges;
    }

    public static IReadOnlyList<AuthenticationChallenge> Parse(string header)
    {
        var challenges = new List<AuthenticationChallenge>();
        Parse(header, challenges);
        return challenges;
    }

    private static void Parse(string text, List<AuthenticationChallenge> challenges)
    {
        var position = 0;
        Dictionary<string, string>? parameters = null;
        while (true)
        {
            while (position < text.Length && (text[position] == ',' || char.IsWhiteSpace(text[position])))
                position++;
            var name = Token(text, ref position);
            if (name.Length == 0)
                return;
            var spaced = SkipSpaces(text, ref position);
            if (parameters is not null && position < text.Length && text[position] == '=')
            {
                position++;
                SkipSpaces(text, ref position);
                parameters.TryAdd(name, Value(text, ref position));
                continue;
            }

            parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            challenges.Add(new AuthenticationChallenge(name, parameters));
            // A scheme is set off by a space, or stands alone; anything else is no challenge, and neither is what follows it.
            if (!spaced && position < text.Length && text[position] != ',')
                return;
        }
    }

    private static bool SkipSpaces(string text, ref int position)
    {
        var start = position;
        while (position < text.Length && char.IsWhiteSpace(text[position]))
            position++;
        return position > start;
    }

    private static string Token(string text, ref int position)
    {
        var start = position;
        while (position < text.Length && text[position] is not (',' or '=' or '"') && !char.IsWhiteSpace(text[position]))
            position++;
        return text[start..position];
    }

    private static string Value(string text, ref int position)
    {
        if (position >= text.Length || text[position] != '"')
            return Token(text, ref position);
        var value = new System.Text.StringBuilder();
        for (position++; position < text.Length && text[position] != '"'; position++)
        {
            if (text[position] == '\\' && position + 1 < text.Length)
                position++;
            value.Append(text[position]);
        }

        // A quote that is never closed ends with the header.
        position = Math.Min(position + 1, text.Length);
        return value.ToString();
    }
}
