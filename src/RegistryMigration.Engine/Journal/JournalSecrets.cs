using System.Text.Json.Nodes;

namespace RegistryMigration.Engine.Journal;

/// <summary>The last guard before something is written down: what is named like a secret has no place in a journal.</summary>
internal static class JournalSecrets
{
    private static readonly HashSet<string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        "password", "passwd", "httpSecret", "secretKey", "secret_key", "secretAccessKey", "clientSecret", "privateKey", "token", "bearerToken", "accessToken", "apiKey",
        "stringData", "s3_secret_key", "sts_user_secret_key", "swift_password", "sas_token", "azure_account_key", "akamai_shared_secret", "private_key", "DATABASE_SECRET_KEY", "SECRET_KEY",
        "REGISTRY_STORAGE_S3_SECRETKEY", "REGISTRY_STORAGE_SWIFT_PASSWORD", "REGISTRY_STORAGE_SWIFT_APPLICATIONCREDENTIALSECRET",
    };

    /// <summary>Gives back values that hold none.</summary>
    /// <exception cref="InvalidOperationException">They do: a defect of the step, found before anything is changed.</exception>
    public static T Check<T>(string step, T values)
        where T : JsonNode?
    {
        if (Find(values) is { } path)
            throw new InvalidOperationException($"Step {step} would write a secret into the journal ({path}).");
        return values;
    }

    private static string? Find(JsonNode? node) => node switch
    {
        JsonObject section => section.Select(property => IsSecret(property.Key, property.Value) ? property.Value!.GetPath() : Find(property.Value)).FirstOrDefault(path => path is not null),
        JsonArray items => items.Select(Find).FirstOrDefault(path => path is not null),
        _ => null,
    };

    private static bool IsSecret(string name, JsonNode? value) => Names.Contains(name) && value switch
    {
        JsonValue text => text.TryGetValue<string>(out var content) && content.Length > 0,
        JsonObject section => section.Count > 0 && name.Equals("stringData", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };
}
