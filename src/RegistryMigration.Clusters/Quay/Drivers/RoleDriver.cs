using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay.Drivers;

/// <summary>Quay's STSS3Storage: S3Storage with the temporary credentials of a role.</summary>
/// <remarks>
/// cloud.py, STSS3Storage. The user's keys take the role on (AssumeRole, renewed by botocore). Where one of them is empty, or both are left out, the identity
/// of the pod does: web identity, or what else boto3 finds there. Without a role that identity is used itself, and keys are not. STS is AWS's unless the
/// variable AWS_ENDPOINT_URL_STS says another one; config-tool (storage_validators.go, buildSTSEndpointConfig) asks endpoint_url, as this module does.
/// </remarks>
internal static class RoleDriver
{
    /// <summary>The driver's name.</summary>
    public const string Name = "STSS3Storage";

    private const string Role = "sts_role_arn";
    private const string AccessKey = "sts_user_access_key";
    private const string SecretKey = "sts_user_secret_key";

    /// <summary>The role of settings; null for none.</summary>
    public static string? RoleOf(JsonObject settings) => DriverEndpoint.Text(settings, Role);

    /// <summary>Whether settings say with an empty key that the identity of Quay's pod is to be used.</summary>
    public static bool IsPods(JsonObject settings) =>
        DriverEndpoint.Text(settings, AccessKey) is null && DriverEndpoint.Text(settings, SecretKey) is null && (IsEmpty(settings[AccessKey]) || IsEmpty(settings[SecretKey]));

    /// <summary>The store of settings.</summary>
    /// <exception cref="FormatException">They make no address, or only Quay's pod has the credentials.</exception>
    public static RegistryStore Read(JsonObject settings, string root)
    {
        var store = S3Driver.Read(settings, root);
        var role = RoleOf(settings);
        if (role is not null && DriverEndpoint.Text(settings, AccessKey) is { } access && DriverEndpoint.Text(settings, SecretKey) is { } secret)
            return new RegistryStore(store.Address) { Layout = store.Layout, Root = root, S3 = store.S3 with { AccessKey = access, SecretKey = new Secret(secret), RoleArn = role } };
        var place = store.S3.Endpoint is { } endpoint ? $"-Endpoint {endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/')}" : $"-Region {store.S3.Region}";
        throw new FormatException($"Quay {(role is null ? "has no role to take on, and uses" : $"takes on the role {role} with")} the identity of its pod, whose token lies there. "
            + $"Give the store with credentials that may do so from here: New-RegistryStore {store} {place}{(role is null ? "" : $" -RoleArn {role}")} -Layout Quay -Root '{root}', and -Credential or -Profile.");
    }

    /// <summary>Settings for a store.</summary>
    public static JsonObject Write(RegistryStore store, DriverCredentials credentials, JsonObject extra)
    {
        var settings = S3Driver.Place(Name, store);
        if (store.S3.RoleArn is { } role)
            settings[Role] = role;
        if (extra.ContainsKey(AccessKey) || extra.ContainsKey(SecretKey) || credentials is not { AccessKey: { } access, SecretKey: { } secret })
            return settings;
        settings[AccessKey] = access;
        settings[SecretKey] = secret.Reveal();
        return settings;
    }

    /// <summary>What Quay takes, and does not work.</summary>
    public static IEnumerable<string> Faults(JsonObject settings)
    {
        if (IsPods(settings))
            yield break;
        if (DriverEndpoint.Text(settings, AccessKey) is null || DriverEndpoint.Text(settings, SecretKey) is null)
            yield return $"{Name} needs '{AccessKey}' and '{SecretKey}' of the user who takes the role on: give them with -StorageCredential. Where Quay's pod has an identity of its own (web identity), say so with -DriverSetting @{{ {AccessKey} = ''; {SecretKey} = '' }}.";
        else if (RoleOf(settings) is null)
            yield return $"{Name} uses its keys only to take a role on, and there is none. Give New-RegistryStore -RoleArn, or take S3Storage.";
    }

    private static bool IsEmpty(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) && text.Length == 0;
}
