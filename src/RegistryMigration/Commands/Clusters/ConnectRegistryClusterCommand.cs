using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Security;
using RegistryMigration.Clusters;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Completion;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using RegistryMigration.Stores;

namespace RegistryMigration.Commands.Clusters;

/// <summary>Finds a cluster, logs in, and makes it the session's default.</summary>
[Cmdlet(VerbsCommunications.Connect, "RegistryCluster", DefaultParameterSetName = KubeConfigSet)]
[OutputType(typeof(RegistryCluster))]
public sealed class ConnectRegistryClusterCommand : RegistryCommand
{
    private const string KubeConfigSet = "KubeConfig";
    private const string ServerSet = "Server";
    private const string InClusterSet = "InCluster";

    /// <summary>The context of the kubeconfig; its current one when left out.</summary>
    [Parameter(Position = 0, ParameterSetName = KubeConfigSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Context { get; set; }

    /// <summary>kubeconfig files; several are merged, and the first that says something wins. KUBECONFIG, then ~/.kube/config, when left out.</summary>
    [Parameter(ParameterSetName = KubeConfigSet)]
    [ValidateNotNullOrEmpty]
    public string[] KubeConfig { get; set; } = [];

    /// <summary>The API server's address, without a kubeconfig.</summary>
    [Parameter(ParameterSetName = ServerSet, Mandatory = true)]
    public Uri? Server { get; set; }

    /// <summary>The service account of the pod that this runs in.</summary>
    [Parameter(ParameterSetName = InClusterSet, Mandatory = true)]
    public SwitchParameter InCluster { get; set; }

    /// <summary>A bearer token; wins over the credentials of the kubeconfig.</summary>
    [Parameter(ParameterSetName = KubeConfigSet)]
    [Parameter(ParameterSetName = ServerSet, Mandatory = true)]
    public SecureString? Token { get; set; }

    /// <summary>The namespace for what names none; the context's when left out.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Namespace { get; set; }

    /// <summary>A PEM file with authorities to trust instead of those of the kubeconfig.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CertificateAuthority { get; set; }

    /// <summary>Trust anybody. Warns.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        var options = Options(ResolveFile);
        var runspace = Runspace.DefaultRunspace;
        Run(Context ?? (object?)Server, async (output, cancellationToken) =>
        {
            // Before anything is sent: a kubeconfig may say it as well.
            if (KubernetesClients.Describe(options) is { Options.Tls.SkipCertificateCheck: true } meant)
                output.Warn(UncheckedWarning(meant.ToString()));
            using var client = await KubernetesClients.ConnectAsync(options, Time, cancellationToken);
            var cluster = client.Cluster;
            SessionCluster.Set(runspace, cluster);
            output.Verbose($"Connected to {cluster.Server} as {cluster.UserName ?? "somebody that the server does not name"}, version {cluster.Version ?? "unknown"}.");
            await output.WriteAsync(cluster, cancellationToken);
        });
    }

    /// <summary>The options that the parameters stand for.</summary>
    internal ClusterOptions Options(Func<string?, string?> resolve) => new()
    {
        Context = Context,
        KubeConfig = [.. KubeConfig.Select(path => resolve(path)!)],
        Server = Server,
        InCluster = InCluster,
        Token = Secrets.Of(Token),
        Namespace = Namespace,
        Tls = new TlsOptions { CertificateAuthorityPath = resolve(CertificateAuthority), SkipCertificateCheck = SkipCertificateCheck },
        Environment = ProcessVariables.ReadAll(),
    };
}
