using System.Text;
using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Configuration;

/// <summary>Turns a context of a kubeconfig, with its cluster and its user, into settings, by client-go's rules.</summary>
/// <remarks>Fields: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/. Order: certificate data over files, token file over token, both over exec.</remarks>
internal static class ContextReader
{
    private static readonly string[] ExecVersions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

    public static ClusterSettings Read(KubeConfig config, ClusterOptions options)
    {
        var (name, context, cluster, user) = config.Find(options.Context);
        var settings = new ClusterSettings
        {
            Server = Address(cluster.Text("server") ?? throw ConfigEntry.Wrong($"The cluster of context '{name}' in {cluster.File} has no server."), "server", cluster.File),
            Context = name,
            Namespace = context.Text("namespace"),
            Source = user is null ? $"context '{name}' of {context.File}" : $"user '{context.Text("user")}' of {user.File}",
            SkipCertificateCheck = cluster.Flag("insecure-skip-tls-verify"),
            Authorities = cluster.Content("certificate-authority"),
            AuthoritiesSource = $"The certificate authority of context '{name}' in {cluster.File}",
            OnlyAuthorities = true,
            TlsServerName = cluster.Text("tls-server-name"),
            Proxy = cluster.Text("proxy-url") is { } proxy ? Address(proxy, "proxy-url", cluster.File) : null,
        };
        if (settings is { SkipCertificateCheck: true, Authorities: not null })
            throw ConfigEntry.Wrong($"The cluster of context '{name}' in {cluster.File} has a certificate authority and insecure-skip-tls-verify. Remove one of them.");
        if (settings.Proxy is { Scheme: not ("http" or "https" or "socks5") })
            throw ConfigEntry.Wrong($"The proxy-url of context '{name}' in {cluster.File} is no http, https or socks5 address.");
        return user is null || options.Token is not null ? settings with { User = new UserSettings { Impersonation = user is null ? [] : Impersonation(user) } } : settings with { User = User(user, settings, cluster, options) };
    }

    private static UserSettings User(ConfigEntry user, ClusterSettings settings, ConfigEntry cluster, ClusterOptions options)
    {
        var hasToken = user.Text("token") is not null || user.Text("tokenFile") is not null;
        var hasBasic = user.Text("username") is not null || user.Text("password") is not null;
        if (hasToken && hasBasic)
            throw ConfigEntry.Wrong($"{settings.Source} has a token and a password. Remove one of them.");
        var exec = user.Section("exec");
        if (user.Section("auth-provider") is { } provider && !hasToken && !hasBasic && exec is null)
            throw ConfigEntry.Wrong($"{settings.Source} logs in with auth-provider '{provider.Text("name")}', which kubectl no longer supports either. Use an exec plugin for it, or give -Token.");
        var certificate = user.Content("client-certificate");
        var key = user.Content("client-key");
        if (certificate is null != key is null)
            throw ConfigEntry.Wrong($"{settings.Source} has a client {(certificate is null ? "key without a certificate" : "certificate without a key")}. Give both.");
        return new UserSettings
        {
            Token = user.Text("token") is { } token ? new Secret(token) : null,
            TokenFile = user.Path("tokenFile"),
            UserName = user.Text("username"),
            Password = hasBasic ? new Secret(user.Text("password") ?? "") : null,
            Certificate = certificate,
            Key = key is null ? null : new Secret(key),
            Exec = exec is not null && !hasToken && !hasBasic ? Exec(exec, settings, cluster, options) : null,
            Impersonation = Impersonation(user),
        };
    }

    private static ExecSettings Exec(ConfigEntry exec, ClusterSettings settings, ConfigEntry cluster, ClusterOptions options)
    {
        var command = exec.Text("command") ?? throw ConfigEntry.Wrong($"{settings.Source} has an exec section without a command.");
        var version = exec.Text("apiVersion") ?? "";
        if (!ExecVersions.Contains(version, StringComparer.Ordinal))
            throw ConfigEntry.Wrong($"{settings.Source} has an exec plugin of version '{version}'. Supported: {string.Join(", ", ExecVersions)}; update the plugin and the kubeconfig.");
        if (exec.Text("interactiveMode") == "Always")
            throw ConfigEntry.Wrong($"{settings.Source} has an exec plugin that asks at a terminal (interactiveMode: Always). Log in with it first and use a mode that does not ask, or give -Token.");
        var information = new JsonObject { ["interactive"] = false };
        if (exec.Flag("provideClusterInfo"))
            information["cluster"] = Information(settings, cluster);
        return new ExecSettings
        {
            // A path counts from the kubeconfig, a bare name is looked up in PATH.
            Command = command.Contains('/', StringComparison.Ordinal) || command.Contains(Path.DirectorySeparatorChar) ? Path.Combine(exec.Directory, command) : command,
            Arguments = [.. exec.Items("args").Select(argument => YamlValues.Text(argument) ?? "")],
            Variables = [.. exec.Sections("env").Where(variable => variable.Text("name") is not null).Select(variable => KeyValuePair.Create(variable.Text("name")!, new Secret(variable.Text("value") ?? "")))],
            Environment = options.Environment,
            ApiVersion = version,
            InstallHint = exec.Text("installHint"),
            Information = information,
        };
    }

    private static JsonObject Information(ClusterSettings settings, ConfigEntry cluster)
    {
        var information = new JsonObject { ["server"] = cluster.Text("server"), ["insecure-skip-tls-verify"] = settings.SkipCertificateCheck };
        if (settings.TlsServerName is { } name)
            information["tls-server-name"] = name;
        if (settings.Authorities is { } authorities)
            information["certificate-authority-data"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(authorities));
        if (cluster.Text("proxy-url") is { } proxy)
            information["proxy-url"] = proxy;
        var extension = cluster.Sections("extensions").FirstOrDefault(entry => entry.Text("name") == "client.authentication.k8s.io/exec");
        if (extension is not null && YamlValues.Child(extension.Node, "extension") is { } value)
            information["config"] = YamlValues.ToJson(value);
        return information;
    }

    private static List<KeyValuePair<string, string>> Impersonation(ConfigEntry user)
    {
        var headers = new List<KeyValuePair<string, string>>();
        if (user.Text("as") is { } name)
            headers.Add(new("Impersonate-User", name));
        if (user.Text("as-uid") is { } uid)
            headers.Add(new("Impersonate-Uid", uid));
        headers.AddRange(user.Items("as-groups").Select(YamlValues.Text).OfType<string>().Select(group => KeyValuePair.Create("Impersonate-Group", group)));
        if (user.Section("as-user-extra") is { } extra)
        {
            foreach (var key in extra.Node.Children.Keys.Select(YamlValues.Text).OfType<string>())
                headers.AddRange(extra.Items(key).Select(YamlValues.Text).OfType<string>().Select(value => KeyValuePair.Create($"Impersonate-Extra-{Uri.EscapeDataString(key)}", value)));
        }

        // .NET joins values of one header with commas, which would make one group of two.
        return headers.DistinctBy(header => header.Key).Count() == headers.Count
            ? headers
            : throw ConfigEntry.Wrong($"A user in {user.File} impersonates several groups or several values of one extra field, which is not supported. Use one of each.");
    }

    // Go takes host:port for an address as well: https then.
    private static Uri Address(string text, string name, string file) =>
        Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text, UriKind.Absolute, out var address)
            ? address
            : throw ConfigEntry.Wrong($"'{name}' in {file} is no address. Expected https://api.example.com:6443.");
}
