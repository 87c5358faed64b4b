using System.Globalization;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Configuration;

/// <summary>The service account of the pod that this runs in: https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/.</summary>
internal static class ServiceAccount
{
    /// <summary>Where a pod has the files.</summary>
    public const string Folder = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>Whether this looks like a pod with a service account.</summary>
    public static bool IsThere(ClusterOptions options, string folder) => options.Environment.ContainsKey("KUBERNETES_SERVICE_HOST") && File.Exists(Path.Combine(folder, "token"));

    /// <exception cref="ClusterException">This is no pod, or its account is not mounted.</exception>
    public static ClusterSettings Settings(ClusterOptions options, string folder)
    {
        if (!options.Environment.TryGetValue("KUBERNETES_SERVICE_HOST", out var host) || host.Length == 0)
            throw ConfigEntry.Wrong("This is no pod: KUBERNETES_SERVICE_HOST is not set. Leave out -InCluster to use a kubeconfig.");
        if (!options.Environment.TryGetValue("KUBERNETES_SERVICE_PORT", out var given) || !ushort.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            port = 443;
        if (!File.Exists(Path.Combine(folder, "token")))
            throw ConfigEntry.Wrong($"This pod has no service account token in {folder}. Set automountServiceAccountToken on the pod, or use a kubeconfig.");
        return new ClusterSettings
        {
            Server = new UriBuilder("https", host.Contains(':', StringComparison.Ordinal) ? $"[{host.Trim('[', ']')}]" : host, port).Uri,
            Namespace = Text(Path.Combine(folder, "namespace")),
            Source = "the pod's service account",
            Authorities = Text(Path.Combine(folder, "ca.crt")),
            AuthoritiesSource = $"The certificate authority in {folder}",
            OnlyAuthorities = true,
            // The kubelet renews it in place, long before it expires.
            User = new UserSettings { TokenFile = Path.Combine(folder, "token") },
        };
    }

    private static string? Text(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ConfigEntry.Wrong($"'{path}' can't be read: {e.Message}");
        }
    }
}
