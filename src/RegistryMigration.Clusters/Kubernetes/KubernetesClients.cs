using RegistryMigration.Clusters.Kubernetes.Authentication;
using RegistryMigration.Clusters.Kubernetes.Configuration;
using RegistryMigration.Clusters.Kubernetes.Discovery;
using RegistryMigration.Clusters.Kubernetes.Requests;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes;

/// <summary>Finds clusters and connects to them.</summary>
public static class KubernetesClients
{
    /// <summary>Connects: resolves the options, asks the server's version and who we are there.</summary>
    /// <param name="options">Which cluster, and how to log in.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The client; its <see cref="IKubernetesClient.Cluster"/> leads to the same cluster again.</returns>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.Configuration"/>, <see cref="ClusterErrorKind.Unreachable"/>, <see cref="ClusterErrorKind.Certificate"/>, <see cref="ClusterErrorKind.Unauthenticated"/>.</exception>
    public static async Task<IKubernetesClient> ConnectAsync(ClusterOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        var settings = SettingsResolver.Resolve(options);
        var credentials = ApiCredentialsFactory.Create(settings, time);
        var transport = new ApiTransport(settings, credentials, options.Timeout, time);
        try
        {
            var version = await VersionAsync(transport, cancellationToken);
            var user = await Identity.FindAsync(transport, credentials, cancellationToken);
            transport.UserName = user;
            return new KubernetesClient(transport, Describe(settings, options, user, version));
        }
        catch
        {
            transport.Dispose();
            throw;
        }
    }

    /// <summary>The cluster that the options mean, without asking it.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.Configuration"/>: there is no such context, or the kubeconfig makes no sense.</exception>
    public static RegistryCluster Describe(ClusterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Describe(SettingsResolver.Resolve(options), options, null, null);
    }

    /// <summary>The contexts of the kubeconfig that the options mean.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.Configuration"/>: a file can't be read.</exception>
    public static IReadOnlyList<string> Contexts(ClusterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return [.. SettingsResolver.ReadKubeConfig(options).Contexts];
    }

    private static RegistryCluster Describe(ClusterSettings settings, ClusterOptions options, string? user, string? version) => new()
    {
        Server = settings.Server,
        Context = settings.Context,
        Namespace = settings.Namespace,
        UserName = user,
        Version = version,
        Options = options with
        {
            // Somebody else may change the current context; this is about the cluster that was meant now.
            Context = settings.Context,
            InCluster = settings.Context is null && options.Server is null,
            // Whoever uses it warns, wherever it was said.
            Tls = settings.SkipCertificateCheck ? new TlsOptions { SkipCertificateCheck = true } : options.Tls,
        },
    };

    private static async Task<string?> VersionAsync(ApiTransport transport, CancellationToken cancellationToken)
    {
        try
        {
            return (await transport.SendAsync(new ApiRequest { Method = HttpMethod.Get, Verb = "get", Path = "/version", IsRead = true }, cancellationToken)).Text("gitVersion");
        }
        catch (ClusterException e) when (e.Kind == ClusterErrorKind.Denied)
        {
            // Some clusters tell nobody; everything else may be allowed all the same.
            return null;
        }
    }
}
