using System.Text.Json;
using RegistryMigration.Engine.Stores.Swift.Configuration;

namespace RegistryMigration.Engine.Stores.Swift.Authentication;

/// <summary>Writes the body of <c>POST /v3/auth/tokens</c>: https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management.</summary>
internal static class KeystoneRequest
{
    /// <summary>The body for these settings; an application credential carries its project by itself, everything else is scoped to one.</summary>
    public static byte[] Body(SwiftSettings settings)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("auth");
            json.WriteStartObject("identity");
            switch (settings.Method)
            {
                case SwiftAuthMethod.Password:
                    Method(json, "password");
                    User(json, settings, settings.Password!.Reveal());
                    break;
                case SwiftAuthMethod.ApplicationCredential:
                    Method(json, "application_credential");
                    ApplicationCredential(json, settings);
                    break;
                default:
                    Method(json, "token");
                    json.WriteString("id", settings.Token!.Reveal());
                    break;
            }

            json.WriteEndObject();
            json.WriteEndObject();
            if (settings.Method != SwiftAuthMethod.ApplicationCredential)
                Scope(json, settings);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    // Opens the object of the method, which the caller fills and closes.
    private static void Method(Utf8JsonWriter json, string method)
    {
        json.WriteStartArray("methods");
        json.WriteStringValue(method);
        json.WriteEndArray();
        json.WriteStartObject(method);
    }

    private static void ApplicationCredential(Utf8JsonWriter json, SwiftSettings settings)
    {
        if (settings.ApplicationCredentialId is { } id)
        {
            json.WriteString("id", id);
        }
        else
        {
            json.WriteString("name", settings.ApplicationCredentialName);
            User(json, settings, password: null);
        }

        json.WriteString("secret", settings.ApplicationCredentialSecret!.Reveal());
    }

    private static void User(Utf8JsonWriter json, SwiftSettings settings, string? password)
    {
        json.WriteStartObject("user");
        if (settings.UserId is { } id)
        {
            json.WriteString("id", id);
        }
        else
        {
            json.WriteString("name", settings.UserName);
            Domain(json, settings.UserDomain);
        }

        if (password is not null)
            json.WriteString("password", password);
        json.WriteEndObject();
    }

    private static void Scope(Utf8JsonWriter json, SwiftSettings settings)
    {
        json.WriteStartObject("scope");
        json.WriteStartObject("project");
        if (settings.ProjectId is { } id)
        {
            json.WriteString("id", id);
        }
        else
        {
            json.WriteString("name", settings.ProjectName);
            Domain(json, settings.ProjectDomain);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Domain(Utf8JsonWriter json, KeystoneDomain domain)
    {
        json.WriteStartObject("domain");
        json.WriteString(domain.Id is null ? "name" : "id", domain.Id ?? domain.Name);
        json.WriteEndObject();
    }
}
