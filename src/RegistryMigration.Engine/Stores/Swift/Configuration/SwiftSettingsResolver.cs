using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.Swift.Configuration;

/// <summary>Makes settings of options: what is given goes first, then a cloud of clouds.yaml, or <c>OS_…</c> variables where no cloud is named.</summary>
internal static class SwiftSettingsResolver
{
    /// <summary>The settings to authenticate with.</summary>
    /// <exception cref="StoreException">Something is missing, contradictory or not supported; the message says what to give.</exception>
    public static SwiftSettings Resolve(SwiftOptions options, TlsOptions tls)
    {
        var values = Source(options);
        var settings = Gather(options, values);
        if (settings.AuthUrl?.Scheme == Uri.UriSchemeHttps && !tls.SkipCertificateCheck && IsFalse(values.Find("verify")))
        {
            throw Bad(StoreErrorKind.Certificate, $"{values.Source} says 'verify: false'. Certificates are checked here: give the private CA "
                + "(cacert in the file, or -CertificateAuthority), or say -SkipCertificateCheck to do without knowingly.");
        }

        return Check(settings, values);
    }

    // Explicit options with an address need nothing else; a cloud that is named replaces the variables, as with every OpenStack client.
    private static SettingValues Source(SwiftOptions options)
    {
        var environment = SettingValues.FromEnvironment(options.Environment);
        var namesCloud = options.Cloud is not null || options.Environment.ContainsKey("OS_CLOUD");
        if (!namesCloud && (options.AuthUrl ?? options.StorageUrl) is not null)
            return options.AuthUrl is not null ? new SettingValues("the options", new Dictionary<string, string>()) : environment;
        if (!namesCloud && (environment.Find("auth_url") ?? environment.Find("storage_url")) is not null)
            return environment;
        return CloudsFile.Read(options) ?? environment;
    }

    private static SwiftSettings Gather(SwiftOptions options, SettingValues values)
    {
        var authUrl = options.AuthUrl ?? Address(values, "auth_url");
        var settings = new SwiftSettings
        {
            Method = SwiftAuthMethod.Password,
            UserName = options.UserName ?? values.Find("username", "user_name"),
            UserId = options.UserName is null ? values.Find("user_id") : null,
            Password = options.Password ?? Hide(values.Find("password")),
            UserDomain = Domain(options.UserDomainId, options.UserDomainName, values, "user_domain"),
            ProjectId = options.ProjectId ?? (options.ProjectName is null ? values.Find("project_id", "tenant_id") : null),
            ProjectName = options.ProjectName ?? (options.ProjectId is null ? values.Find("project_name", "tenant_name") : null),
            ProjectDomain = Domain(options.ProjectDomainId, options.ProjectDomainName, values, "project_domain"),
            ApplicationCredentialId = options.ApplicationCredentialId ?? values.Find("application_credential_id"),
            ApplicationCredentialName = options.ApplicationCredentialName ?? values.Find("application_credential_name"),
            ApplicationCredentialSecret = options.ApplicationCredentialSecret ?? Hide(values.Find("application_credential_secret")),
            Token = options.Token ?? Hide(values.Find("token", "auth_token")),
            StorageUrl = options.StorageUrl ?? Address(values, "storage_url", "object_store_endpoint_override"),
            Region = options.Region ?? values.Find("region_name"),
            Interface = Interface(options.Interface ?? values.Find("interface", "endpoint_type")),
            CertificateAuthorityPath = values.Find("cacert"),
        };
        settings = settings with { Method = Method(options, values, settings, authUrl) };
        return settings with { AuthUrl = settings.Method is SwiftAuthMethod.TempAuth || authUrl is null ? authUrl : KeystoneAddress.V3(authUrl, values.Find("identity_api_version")) };
    }

    private static SwiftAuthMethod Method(SwiftOptions options, SettingValues values, SwiftSettings settings, Uri? authUrl)
    {
        switch (values.Find("auth_type", "auth_plugin"))
        {
            case "v3applicationcredential":
                return SwiftAuthMethod.ApplicationCredential;
            case "token" or "v3token" or "admin_token":
                return SwiftAuthMethod.Token;
            case "v1password" or "v1":
                return SwiftAuthMethod.TempAuth;
            case null or "password" or "v3password":
                break;
            case var other:
                throw Bad(StoreErrorKind.Unsupported, $"{values.Source} asks for auth_type '{other}'. Known are password, v3applicationcredential, token and v1password; an application credential replaces most others.");
        }

        if (settings.Token is not null)
            return SwiftAuthMethod.Token;
        if ((settings.ApplicationCredentialId ?? settings.ApplicationCredentialName) is not null)
            return SwiftAuthMethod.ApplicationCredential;
        var version = options.AuthVersion?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? values.Find("identity_api_version", "auth_version");
        return KeystoneAddress.IsVersion1(authUrl, version) ? SwiftAuthMethod.TempAuth : SwiftAuthMethod.Password;
    }

    private static SwiftSettings Check(SwiftSettings settings, SettingValues values)
    {
        if (settings.AuthUrl is null && !(settings is { Method: SwiftAuthMethod.Token, StorageUrl: not null }))
        {
            throw Missing(values.Find("profile") is { } profile
                ? $"{values.Source} refers to the vendor profile '{profile}', which is not read here. Write its auth_url into the file."
                : "No Swift address is given. Name a cloud of clouds.yaml (OS_CLOUD or -Cloud), or give the authentication address and credentials.");
        }

        return settings.Method switch
        {
            SwiftAuthMethod.TempAuth or SwiftAuthMethod.Password when (settings.UserName ?? settings.UserId) is null || settings.Password is null =>
                throw Missing($"User name or password for {settings.AuthUrl} is missing in {values.Source}."),
            SwiftAuthMethod.Password when (settings.ProjectId ?? settings.ProjectName) is null =>
                throw Missing($"No project is named in {values.Source}: without one Keystone tells no storage address. Give project_name or project_id."),
            SwiftAuthMethod.ApplicationCredential when settings.ApplicationCredentialSecret is null =>
                throw Missing($"The secret of the application credential is missing in {values.Source}."),
            SwiftAuthMethod.ApplicationCredential when settings.ApplicationCredentialId is null && (settings.ApplicationCredentialName is null || (settings.UserName ?? settings.UserId) is null) =>
                throw Missing($"An application credential needs its id, or its name with the user's; {values.Source} has neither."),
            SwiftAuthMethod.Token when settings.Token is null => throw Missing($"The token is missing in {values.Source}."),
            _ => settings,
        };
    }

    private static KeystoneDomain Domain(string? id, string? name, SettingValues values, string which)
    {
        if ((id ?? name) is null)
        {
            id = values.Find($"{which}_id") ?? (values.Find($"{which}_name") is null ? values.Find("domain_id", "default_domain_id") : null);
            name = values.Find($"{which}_name", "domain_name", "default_domain");
        }

        return (id ?? name) is null ? KeystoneDomain.Default : new KeystoneDomain(id, id is null ? name : null);
    }

    private static Uri? Address(SettingValues values, params ReadOnlySpan<string> names)
    {
        if (values.Find(names) is not { } text)
            return null;
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw Bad(StoreErrorKind.Other, $"'{text}' in {values.Source} is no http or https address.");
    }

    // Old files and variables say publicURL.
    private static string Interface(string? text) =>
        text is null ? "public" : text.EndsWith("URL", StringComparison.Ordinal) ? text[..^3] : text;

    private static Secret? Hide(string? text) => text is null ? null : new Secret(text);

    private static bool IsFalse(string? text) => text is not null && (text.Equals("false", StringComparison.OrdinalIgnoreCase) || text is "no" or "No" or "off" or "0");

    private static StoreException Missing(string message) => Bad(StoreErrorKind.Unauthenticated, message);

    private static StoreException Bad(StoreErrorKind kind, string message) => new(kind, message);
}
