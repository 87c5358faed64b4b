using System.Collections;
using System.Management.Automation;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Changes;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.OpenShift.Changes;
using RegistryMigration.Clusters.OpenShift.Convergence;
using RegistryMigration.Commands.Clusters;
using RegistryMigration.Commands.Stores;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using RegistryMigration.Stores;
using TolerationText = RegistryMigration.Clusters.OpenShift.Changes.Toleration;

namespace RegistryMigration.Commands.OpenShift;

/// <summary>Changes the configuration of OpenShift's image registry: tried on the server, shown, applied, waited for.</summary>
[Cmdlet(VerbsCommon.Set, "ImageRegistry", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ImageRegistryChange))]
public sealed class SetImageRegistryCommand : ClusterCommand
{
    private RegistryCluster? _cluster;
    private SettingsChange? _change;
    private ConfigOutcome? _plan;

    /// <summary>Managed, Unmanaged or Removed. Removed is refused unless the storage is Unmanaged, and needs -Force.</summary>
    [Parameter]
    [ValidateSet("Managed", "Unmanaged", "Removed")]
    public string? ManagementState { get; set; }

    /// <summary>Whether the operator owns the storage. Managed storage is deleted with the registry.</summary>
    [Parameter]
    [ValidateSet("Managed", "Unmanaged")]
    public string? StorageManagementState { get; set; }

    /// <summary>Pods; 0 stops the registry and keeps everything.</summary>
    [Parameter]
    [ValidateRange(0, 1000)]
    public int? Replicas { get; set; }

    /// <summary>How pods are replaced.</summary>
    [Parameter]
    [ValidateSet("RollingUpdate", "Recreate")]
    public string? RolloutStrategy { get; set; }

    /// <summary>The proxy for http; an empty text goes back to the cluster's.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? ProxyHttp { get; set; }

    /// <summary>The proxy for https; an empty text goes back to the cluster's.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? ProxyHttps { get; set; }

    /// <summary>Hosts that need no proxy; an empty text goes back to the cluster's.</summary>
    [Parameter]
    [AllowEmptyString]
    public string[]? NoProxy { get; set; }

    /// <summary>Reads at a time in each pod; 0 is without limit.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? ReadMaxRunning { get; set; }

    /// <summary>Reads that wait in each pod.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? ReadMaxInQueue { get; set; }

    /// <summary>How long a read may wait; a bare number is seconds.</summary>
    [Parameter]
    [SecondsArgument]
    public TimeSpan? ReadMaxWaitInQueue { get; set; }

    /// <summary>Writes at a time in each pod; 0 is without limit.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? WriteMaxRunning { get; set; }

    /// <summary>Writes that wait in each pod.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? WriteMaxInQueue { get; set; }

    /// <summary>How long a write may wait; a bare number is seconds.</summary>
    [Parameter]
    [SecondsArgument]
    public TimeSpan? WriteMaxWaitInQueue { get; set; }

    /// <summary>Whether there is a default route.</summary>
    [Parameter]
    public bool? DefaultRoute { get; set; }

    /// <summary>Routes to add, or to replace by name: @{ Name = …; Hostname = …; SecretName = … }.</summary>
    [Parameter]
    public Hashtable[] Route { get; set; } = [];

    /// <summary>Custom routes to take away, by name.</summary>
    [Parameter]
    public string[] RemoveRoute { get; set; } = [];

    /// <summary>Whether clients get blobs from the registry itself rather than from the object store.</summary>
    [Parameter]
    public bool? DisableRedirect { get; set; }

    /// <summary>The registry's log level.</summary>
    [Parameter]
    [ValidateSet("Normal", "Debug", "Trace", "TraceAll")]
    public string? LogLevel { get; set; }

    /// <summary>The operator's log level.</summary>
    [Parameter]
    [ValidateSet("Normal", "Debug", "Trace", "TraceAll")]
    public string? OperatorLogLevel { get; set; }

    /// <summary>Labels of nodes that pods may run on; an empty table removes them.</summary>
    [Parameter]
    public Hashtable? NodeSelector { get; set; }

    /// <summary>Taints that pods tolerate, as key=value:effect; an empty list removes them.</summary>
    [Parameter]
    [AllowEmptyCollection]
    public string[]? Toleration { get; set; }

    /// <summary>The S3 region.</summary>
    [Parameter]
    public string? S3Region { get; set; }

    /// <summary>The S3 bucket.</summary>
    [Parameter]
    public string? S3Bucket { get; set; }

    /// <summary>The S3 server, for all but AWS; an empty text goes back to AWS.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? S3Endpoint { get; set; }

    /// <summary>Whether S3 encrypts objects.</summary>
    [Parameter]
    public bool? S3Encrypt { get; set; }

    /// <summary>The KMS key that S3 encrypts with.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? S3KeyId { get; set; }

    /// <summary>MiB of one part of a multipart upload.</summary>
    [Parameter]
    [ValidateRange(5, 5120)]
    public int? S3ChunkSizeMiB { get; set; }

    /// <summary>Whether the bucket is in the host name although there is an endpoint.</summary>
    [Parameter]
    public bool? S3VirtualHostedStyle { get; set; }

    /// <summary>A ConfigMap in openshift-config with the authority of the S3 server (key ca-bundle.crt).</summary>
    [Parameter]
    [AllowEmptyString]
    public string? S3TrustedCA { get; set; }

    /// <summary>Keystone's address.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? SwiftAuthUrl { get; set; }

    /// <summary>Keystone's version.</summary>
    [Parameter]
    [ValidateSet("1", "2", "3")]
    public string? SwiftAuthVersion { get; set; }

    /// <summary>The Swift container.</summary>
    [Parameter]
    public string? SwiftContainer { get; set; }

    /// <summary>The domain by name.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? SwiftDomain { get; set; }

    /// <summary>The domain by id.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? SwiftDomainId { get; set; }

    /// <summary>The project by name.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? SwiftTenant { get; set; }

    /// <summary>The project by id.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? SwiftTenantId { get; set; }

    /// <summary>The region in the catalog.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? SwiftRegion { get; set; }

    /// <summary>Do not wait for the registry to follow.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    /// <summary>How long to wait for the registry to follow; a bare number is seconds.</summary>
    [Parameter]
    [SecondsArgument]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Remove the registry although nothing can be pushed or pulled then; use another bucket or container without its images.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        if (ToSettings() is { } settings && Run((client, output, cancellationToken) => TryAsync(client, settings, output, cancellationToken)))
            Decide(_plan!);
    }

    /// <summary>The settings that the parameters stand for.</summary>
    /// <exception cref="FormatException">A value is none.</exception>
    internal RegistrySettings Settings() => new()
    {
        ManagementState = ManagementState,
        StorageManagementState = StorageManagementState,
        Replicas = Replicas,
        RolloutStrategy = RolloutStrategy,
        ProxyHttp = ProxyHttp,
        ProxyHttps = ProxyHttps,
        NoProxy = NoProxy is null ? null : string.Join(',', NoProxy),
        Read = new RequestLimitSettings(ReadMaxRunning, ReadMaxInQueue, ReadMaxWaitInQueue),
        Write = new RequestLimitSettings(WriteMaxRunning, WriteMaxInQueue, WriteMaxWaitInQueue),
        DefaultRoute = DefaultRoute,
        Routes = [.. Route.Select(RouteArgument.Read)],
        RemovedRoutes = RemoveRoute,
        DisableRedirect = DisableRedirect,
        LogLevel = LogLevel,
        OperatorLogLevel = OperatorLogLevel,
        NodeSelector = NodeSelector is null ? null : InitializeRegistryStoreCommand.ToText(NodeSelector),
        Tolerations = Toleration is null ? null : [.. Toleration.Select(TolerationText.Parse)],
        S3 = new StorageArguments()
            .Add("region", S3Region).Add("bucket", S3Bucket).Add("regionEndpoint", S3Endpoint).Add("encrypt", S3Encrypt).Add("keyID", S3KeyId)
            .Add("chunkSizeMiB", S3ChunkSizeMiB).Add("virtualHostedStyle", S3VirtualHostedStyle).AddNamed("trustedCA", S3TrustedCA).Values,
        Swift = new StorageArguments()
            .Add("authURL", SwiftAuthUrl).Add("authVersion", SwiftAuthVersion).Add("container", SwiftContainer).Add("domain", SwiftDomain).Add("domainID", SwiftDomainId)
            .Add("tenant", SwiftTenant).Add("tenantID", SwiftTenantId).Add("regionName", SwiftRegion).Values,
        Force = Force,
    };

    private void Decide(ConfigOutcome plan)
    {
        var target = $"{OpenShiftTypes.Configs}/{ImageRegistryNames.Config}";
        // Nothing to change is no reason to ask; the wait may still be wanted, after one that timed out.
        if (plan.Changes.Count > 0 && !ShouldProcess(target, $"Change {string.Join("; ", plan.Changes)}"))
        {
            WriteObject(Describe(plan));
            return;
        }

        if (!IsWhatIf)
            Run(ApplyAsync);
        else
            WriteObject(Describe(plan));
    }

    private RegistrySettings? ToSettings()
    {
        try
        {
            return Settings();
        }
        catch (FormatException e)
        {
            Refuse("InvalidArgument", e.Message);
            return null;
        }
    }

    private async Task TryAsync(IKubernetesClient client, RegistrySettings settings, ICommandOutput output, CancellationToken cancellationToken)
    {
        _cluster = client.Cluster;
        _change = SettingsChange.Of(settings, await ImageRegistryReader.ReadConfigAsync(client, cancellationToken));
        if (_change.Change.IsEmpty)
            output.Warn("No setting is given, so nothing is changed.");
        _plan = await _change.Change.TryAsync(client, cancellationToken);
        foreach (var warning in _plan.Changes.Count > 0 ? _change.Warnings : [])
            output.Warn(warning);
        foreach (var difference in _plan.Changes)
            output.Verbose($"{difference}");
    }

    private async Task ApplyAsync(IKubernetesClient client, ICommandOutput output, CancellationToken cancellationToken)
    {
        var done = await _change!.Change.ApplyAsync(client, Time, cancellationToken);
        var result = Describe(done);
        if (!NoWait)
        {
            var activity = $"Waiting for the image registry of {client.Cluster}";
            var progress = new Teller(text => output.Report([new ProgressNotice(0, activity, text)]));
            try
            {
                var reached = await RegistryConvergence.WaitAsync(client, RegistryExpectation.Of(done), Timeout, progress, Time, cancellationToken);
                foreach (var warning in reached.Warnings)
                    output.Warn(warning);
                result = result with { Converged = true, Duration = reached.Duration, Warnings = [.. result.Warnings, .. reached.Warnings] };
            }
            catch (ClusterException)
            {
                // What was changed stays changed, and how to take it back must not be lost with the error.
                await output.WriteAsync(result with { Converged = false }, cancellationToken);
                throw;
            }
        }

        await output.WriteAsync(result, cancellationToken);
    }

    private ImageRegistryChange Describe(ConfigOutcome outcome) => new()
    {
        Cluster = _cluster!,
        Changes = outcome.Changes,
        Applied = outcome.Applied,
        ResourceVersionBefore = outcome.Before.ResourceVersion ?? "",
        ResourceVersionAfter = outcome.Applied ? outcome.After.ResourceVersion ?? "" : outcome.Before.ResourceVersion ?? "",
        RevertPatch = outcome.Changes.Count == 0 ? null : _change!.Change.ToRevert(outcome).ToJsonString(),
        Warnings = outcome.Changes.Count == 0 ? [] : _change!.Warnings,
    };
}
