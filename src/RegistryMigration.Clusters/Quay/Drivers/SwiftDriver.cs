using System.Globalization;
using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay.Drivers;

/// <summary>Quay's settings of Swift and ours: <c>os_options</c> are python-swiftclient's.</summary>
internal static class SwiftDriver
{
    /// <summary>The options that reach Swift as Quay does.</summary>
    /// <exception cref="FormatException">Quay logs in in a way that this module does not have.</exception>
    public static SwiftOptions Read(JsonObject settings)
    {
        // swift.py: no version, and one that is no number, is 2.
        var version = settings["auth_version"] is JsonValue given && int.TryParse(given.ToString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) && number != 0 ? number : 2;
        if (version is not (1 or 3))
            throw new FormatException($"auth_version is {version}{(settings["auth_version"] is null ? " (Quay's default)" : "")}, and this module logs in to Keystone v3 or Swift's own v1 only. Describe the container with New-RegistryStore and Keystone's v3 address.");
        var options = settings["os_options"] as JsonObject ?? [];
        if (DriverEndpoint.Text(options, "user_id") is not null)
            throw new FormatException("os_options names the user by its id, which this module does not do. Describe the container with New-RegistryStore and the user's name.");
        if (!Uri.TryCreate(DriverEndpoint.Text(settings, "auth_url"), UriKind.Absolute, out var address))
            throw new FormatException("auth_url is no address. Give Keystone's, as https://host:5000/v3.");
        var user = DriverEndpoint.Text(settings, "swift_user");
        var password = DriverEndpoint.Text(settings, "swift_password");
        var common = new SwiftOptions { AuthUrl = address, AuthVersion = version, UserName = user, Password = password is null ? null : new Secret(password), StorageUrl = StorageUrl(options) };
        return version == 1 ? common : Keystone(common, options);
    }

    /// <summary>What Quay needs to log in as these options do.</summary>
    /// <exception cref="FormatException">Quay can't log in that way.</exception>
    public static JsonObject Write(SwiftOptions swift, DriverCredentials credentials)
    {
        var user = credentials.AccessKey ?? swift.UserName;
        var password = (credentials.SecretKey ?? swift.Password)?.Reveal();
        if (swift.AuthUrl is null || user is null || password is null)
            throw new FormatException("Quay needs Swift's auth_url, user and password in its configuration, and has no clouds.yaml, token or application credential. Give user and password, and a store with -AuthUrl.");
        var version = swift.AuthVersion ?? (swift.AuthUrl.AbsolutePath.TrimEnd('/').EndsWith("/v3", StringComparison.Ordinal) ? 3 : 1);
        var settings = new JsonObject { ["auth_url"] = swift.AuthUrl.ToString(), ["auth_version"] = version, ["swift_user"] = user, ["swift_password"] = password };
        var options = version == 1 ? [] : Options(swift);
        Add(options, "object_storage_url", swift.StorageUrl?.ToString());
        if (options.Count > 0)
            settings["os_options"] = options;
        return settings;
    }

    private static SwiftOptions Keystone(SwiftOptions common, JsonObject options)
    {
        var project = DriverEndpoint.Text(options, "project_name") ?? DriverEndpoint.Text(options, "tenant_name");
        var projectId = DriverEndpoint.Text(options, "project_id") ?? DriverEndpoint.Text(options, "tenant_id");
        var user = common.UserName;
        // swiftclient's get_auth: tenant:user in one.
        if (project is null && projectId is null && user?.Split(':') is [var tenant, var name])
            (project, user) = (tenant, name);
        if (project is null && projectId is null)
            throw new FormatException("os_options names no project (tenant_name, or project_name), without which Keystone gives no storage. Add it.");
        return new SwiftOptions
        {
            AuthUrl = common.AuthUrl,
            AuthVersion = common.AuthVersion,
            UserName = user,
            Password = common.Password,
            StorageUrl = common.StorageUrl,
            ProjectName = project,
            ProjectId = projectId,
            UserDomainName = DriverEndpoint.Text(options, "user_domain_name"),
            UserDomainId = DriverEndpoint.Text(options, "user_domain_id"),
            ProjectDomainName = DriverEndpoint.Text(options, "project_domain_name"),
            ProjectDomainId = DriverEndpoint.Text(options, "project_domain_id"),
            Region = DriverEndpoint.Text(options, "region_name"),
            Interface = DriverEndpoint.Text(options, "endpoint_type")?.Replace("URL", "", StringComparison.Ordinal),
        };
    }

    private static JsonObject Options(SwiftOptions swift)
    {
        if (swift.ProjectName is null && swift.ProjectId is null)
            throw new FormatException("The store names no project, without which Keystone gives Quay no storage. Give New-RegistryStore -ProjectName.");
        var options = new JsonObject();
        Add(options, "tenant_name", swift.ProjectName);
        Add(options, "tenant_id", swift.ProjectId);
        // As this module logs in where nothing is said.
        Add(options, "user_domain_name", swift.UserDomainName ?? (swift.UserDomainId is null ? "Default" : null));
        Add(options, "user_domain_id", swift.UserDomainId);
        Add(options, "project_domain_name", swift.ProjectDomainName ?? (swift.ProjectDomainId is null ? "Default" : null));
        Add(options, "project_domain_id", swift.ProjectDomainId);
        Add(options, "region_name", swift.Region);
        Add(options, "endpoint_type", swift.Interface is null or "public" ? null : swift.Interface + "URL");
        return options;
    }

    private static void Add(JsonObject options, string name, string? value)
    {
        if (value is not null)
            options[name] = value;
    }

    private static Uri? StorageUrl(JsonObject options) => Uri.TryCreate(DriverEndpoint.Text(options, "object_storage_url"), UriKind.Absolute, out var address) ? address : null;
}
