namespace RegistryMigration.Engine.Http;

/// <summary>Reads headers as they came, without .NET's parsing (a Swift ETag may have no quotes).</summary>
internal static class ResponseHeaders
{
    /// <summary>The first value of the header, or null.</summary>
    public static string? Header(this HttpResponseMessage response, string name)
    {
        if (response.Headers.NonValidated.TryGetValues(name, out var values) || response.Content.Headers.NonValidated.TryGetValues(name, out values))
        {
            foreach (var value in values)
                return value;
        }

        return null;
    }
}
