using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Configuration;

/// <summary>Finds out which cluster the options mean: a server and token, the pod's service account, or a kubeconfig as kubectl reads it.</summary>
internal static class SettingsResolver
{
    /// <exception cref="ClusterException">The options contradict each other, or what they name is not there.</exception>
    public static ClusterSettings Resolve(ClusterOptions options, string serviceAccount = ServiceAccount.Folder)
    {
        if (options.Server is not null && options.InCluster)
            throw ConfigEntry.Wrong("-Server and -InCluster both say where the cluster is. Give one of them.");
        var settings = options.Server is { } server ? OfServer(server, options)
            : options.InCluster ? ServiceAccount.Settings(options, serviceAccount)
            : OfKubeConfig(options, serviceAccount);
        return Check(Override(settings, options));
    }

    /// <summary>The kubeconfig that the options mean.</summary>
    /// <exception cref="ClusterException">A file that is named is missing, or one can't be read.</exception>
    public static KubeConfig ReadKubeConfig(ClusterOptions options)
    {
        if (options.KubeConfig.Count > 0)
            return KubeConfig.Read(options.KubeConfig, required: true);
        if (options.Environment.TryGetValue("KUBECONFIG", out var list) && list.Length > 0)
            return KubeConfig.Read(list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries), required: false);
        var home = options.Environment.TryGetValue("HOME", out var unix) && unix.Length > 0 ? unix : options.Environment.TryGetValue("USERPROFILE", out var windows) ? windows : null;
        return home is null ? KubeConfig.Read([], required: false) : KubeConfig.Read([Path.Combine(home, ".kube", "config")], required: false);
    }

    private static ClusterSettings OfKubeConfig(ClusterOptions options, string serviceAccount)
    {
        var config = ReadKubeConfig(options);
        if (config.Files.Count > 0)
            return ContextReader.Read(config, options);
        // As kubectl does where it has nothing else.
        if (options.Context is null && ServiceAccount.IsThere(options, serviceAccount))
            return ServiceAccount.Settings(options, serviceAccount);
        throw ConfigEntry.Wrong("There is no kubeconfig: neither -KubeConfig, nor a file that KUBECONFIG names, nor ~/.kube/config. Log in (for example with oc login), or give -KubeConfig, or -Server and -Token.");
    }

    private static ClusterSettings OfServer(Uri server, ClusterOptions options) => options.Context is not null || options.KubeConfig.Count > 0
        ? throw ConfigEntry.Wrong("-Server does without a kubeconfig. Leave out -Context and -KubeConfig, or -Server.")
        : new ClusterSettings { Server = server, Source = "-Token" };

    // What is given wins over what a file says.
    private static ClusterSettings Override(ClusterSettings settings, ClusterOptions options)
    {
        if (options.Namespace is { } name)
            settings = settings with { Namespace = name };
        if (options.Token is { } token)
            settings = settings with { Source = "-Token", User = new UserSettings { Token = token, Impersonation = settings.User.Impersonation } };
        if (options.Tls.SkipCertificateCheck)
            return settings with { SkipCertificateCheck = true, Authorities = null };
        return options.Tls.CertificateAuthorityPath is { } path
            ? settings with { Authorities = ReadAuthorities(path), AuthoritiesSource = $"The certificate authority file '{path}'", OnlyAuthorities = false, SkipCertificateCheck = false }
            : settings;
    }

    private static ClusterSettings Check(ClusterSettings settings)
    {
        var server = settings.Server;
        if (!server.IsAbsoluteUri || server.Scheme is not ("https" or "http") || server.Query.Length > 0 || server.Fragment.Length > 0)
            throw ConfigEntry.Wrong($"The server of {settings.Source} is not an https address. Expected https://api.example.com:6443.");
        if (server.UserInfo.Length > 0)
            throw ConfigEntry.Wrong($"The address of {server.Host} carries credentials, which would show in logs. Give a token instead.");
        if (server.Scheme == "http" && !server.IsLoopback && settings.User.HasSecrets)
            throw ConfigEntry.Wrong($"{settings.Name} is a plain http address: the credentials would go over the network in the clear. Use its https address.");
        return settings;
    }

    private static string ReadAuthorities(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ConfigEntry.Wrong($"The certificate authority file '{path}' can't be read: {e.Message} Give a PEM file.");
        }
    }
}
