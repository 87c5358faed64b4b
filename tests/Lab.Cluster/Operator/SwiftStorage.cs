using System.Text;
using System.Text.Json.Nodes;
using YamlDotNet.Serialization;

namespace RegistryMigration.Lab.Cluster;

/// <summary>A Swift container, with the credentials that the operator would use: its user's Secret, else the installer's clouds.yaml.</summary>
internal sealed class SwiftStorage(JsonObject section, KubeApi api) : IRegistryStorage
{
    private const string Prefix = "REGISTRY_STORAGE_SWIFT_";

    public string Kind => "swift";

    private string Container => section["container"]?.GetValue<string>() ?? "";

    public async Task<bool> ExistsAsync(CancellationToken cancellationToken)
    {
        if (Container.Length == 0)
            return false;
        using var account = await LogInAsync(cancellationToken);
        return await account.HasContainerAsync(Container, cancellationToken);
    }

    public async Task<(string Reason, string Message, bool Made)> CreateAsync(CancellationToken cancellationToken)
    {
        var cluster = (await api.FindAsync(Names.Infrastructure, cancellationToken))?.Text("status", "infrastructureName") ?? "";
        var named = Container.Length > 0;
        if (!named)
            section["container"] = $"{cluster}-image-registry-{Guid.NewGuid():n}"[..62];
        using var account = await LogInAsync(cancellationToken);
        if (named && await account.HasContainerAsync(Container, cancellationToken))
            return ("Container exists", "User supplied container already exists", false);
        await account.CreateContainerAsync(Container, new Dictionary<string, string> { ["Openshiftclusterid"] = cluster, ["Name"] = Container }, cancellationToken);
        return ("Swift Container Created", "", true);
    }

    public async Task<(IReadOnlyList<KeyValuePair<string, string>> Plain, IReadOnlyList<KeyValuePair<string, string>> Hidden)> VariablesAsync(CancellationToken cancellationToken)
    {
        var login = await LoginAsync(cancellationToken);
        var plain = new List<KeyValuePair<string, string>>
        {
            new("REGISTRY_STORAGE", "swift"), new(Prefix + "CONTAINER", Container), new(Prefix + "AUTHURL", login.AuthUrl), new(Prefix + "AUTHVERSION", login.Version),
        };
        foreach (var (name, value) in new[] { ("DOMAIN", login.Domain), ("DOMAINID", login.DomainId), ("TENANT", login.Tenant), ("TENANTID", login.TenantId), ("REGION", login.Region) })
            if (value.Length > 0)
                plain.Add(new(Prefix + name, value));
        // Debian's docker-registry wants the project's domain too, and OpenShift's takes the user's.
        if (login.DomainId.Length > 0)
            plain.Add(new(Prefix + "TENANTDOMAINID", login.DomainId));
        return (plain, [new(Prefix + "USERNAME", login.UserName), new(Prefix + "PASSWORD", login.Password)]);
    }

    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        if (Container.Length == 0)
            return;
        using var account = await LogInAsync(cancellationToken);
        await account.DeleteContainerAsync(Container, cancellationToken);
    }

    private async Task<SwiftAccount> LogInAsync(CancellationToken cancellationToken) => await SwiftAccount.LogInAsync(await LoginAsync(cancellationToken), cancellationToken);

    private async Task<SwiftLogin> LoginAsync(CancellationToken cancellationToken)
    {
        var user = PodVolumes.Data(await api.FindAsync($"{Names.Secrets}/image-registry-private-configuration-user", cancellationToken), secret: true);
        if (user.Count > 0)
        {
            if (!user.ContainsKey(Prefix + "USERNAME"))
                throw new OperatorException($"unable to sync storage configuration: secret \"image-registry-private-configuration-user\" does not contain required key \"{Prefix}USERNAME\"");
            return new SwiftLogin(Section("authURL"), Text(user, Prefix + "USERNAME"), Text(user, Prefix + "PASSWORD"), Section("authVersion", "3"), Section("domain"), Section("domainID"), Section("tenant"), Section("tenantID"), Section("regionName"));
        }
        var installer = PodVolumes.Data(await api.FindAsync($"{Names.Secrets}/installer-cloud-credentials", cancellationToken), secret: true);
        if (!installer.TryGetValue("clouds.yaml", out var clouds))
            throw new OperatorException("unable to sync storage configuration: unable to get cluster minted credentials \"openshift-image-registry/installer-cloud-credentials\": secret \"installer-cloud-credentials\" not found");
        return OfClouds(Encoding.UTF8.GetString(clouds), (await api.FindAsync(Names.Infrastructure, cancellationToken))?.Text("status", "platformStatus", "openstack", "cloudName") ?? "openstack");
    }

    private SwiftLogin OfClouds(string yaml, string name)
    {
        var file = new DeserializerBuilder().IgnoreUnmatchedProperties().Build().Deserialize<CloudsYaml>(yaml);
        if (!file.clouds.TryGetValue(name, out var cloud))
            throw new OperatorException($"unable to sync storage configuration: clouds.yaml does not contain required cloud \"{name}\"");
        string Auth(string key) => cloud.auth.GetValueOrDefault(key, "");
        return new SwiftLogin(Section("authURL", Auth("auth_url")), Auth("username"), Auth("password"), Section("authVersion", cloud.identity_api_version ?? "3"), Section("domain", Auth("user_domain_name")), Section("domainID", Auth("user_domain_id")),
            Section("tenant", Auth("project_name")), Section("tenantID", Auth("project_id")), Section("regionName", cloud.region_name ?? ""));
    }

    private string Section(string name, string otherwise = "") => section[name]?.GetValue<string>() is { Length: > 0 } value ? value : otherwise;

    private static string Text(Dictionary<string, byte[]> data, string key) => data.TryGetValue(key, out var value) ? Encoding.UTF8.GetString(value) : "";

#pragma warning disable IDE1006, CA1812 // named as in the file, made by the deserialiser
    private sealed class CloudsYaml
    {
        public Dictionary<string, CloudYaml> clouds { get; set; } = [];
    }

    private sealed class CloudYaml
    {
        public Dictionary<string, string> auth { get; set; } = [];

        public string? region_name { get; set; }

        public string? identity_api_version { get; set; }
    }
#pragma warning restore IDE1006, CA1812
}
