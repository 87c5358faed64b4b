using System.Management.Automation;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.OpenShift.References;
using RegistryMigration.Commands.Clusters;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using static RegistryMigration.Views.SizeText;

namespace RegistryMigration.Commands.OpenShift;

/// <summary>Makes objects of a cluster name images of another registry. Shows what it would do unless -Apply is given.</summary>
[Cmdlet(VerbsData.Update, "ImageReference", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ImageReferenceChange))]
public sealed class UpdateImageReferenceCommand : ClusterCommand
{
    private readonly List<ReferencePlan> _plans = [];
    private IKubernetesClient? _client;

    /// <summary>What becomes of what: REGISTRY/NAME=REGISTRY/NAME, where each part may be '*'. The first that matches decides.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string[] Mapping { get; set; } = [];

    /// <summary>Namespaces to look in; all, and cluster-wide objects, when left out.</summary>
    [Parameter]
    public string[] Namespace { get; set; } = [];

    /// <summary>Kinds to look at; all when left out.</summary>
    [Parameter]
    [ValidateSet("Image", "ImageStream", "Secret", "BuildConfig", "DeploymentConfig", "Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "ReplicationController", "Pod")]
    public string[] Kind { get; set; } = [];

    /// <summary>Make the changes.</summary>
    [Parameter]
    public SwitchParameter Apply { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        if (ToOptions() is not { } options)
            return;
        try
        {
            if (Run(Cluster, (output, cancellationToken) => FindAsync(options, output, cancellationToken)) && Apply)
                Decide(options);
        }
        finally
        {
            _client?.Dispose();
            _client = null;
        }
    }

    /// <summary>The options that the parameters stand for.</summary>
    /// <exception cref="FormatException">A mapping is none.</exception>
    internal ReferenceOptions Options() => new() { Mappings = [.. Mapping.Select(ReferenceMapping.Parse)], Namespaces = Namespace, Kinds = Kind };

    private void Decide(ReferenceOptions options)
    {
        foreach (var plan in _plans)
        {
            var changes = plan.Changes.Where(change => change.Reason is null).ToList();
            var target = $"{plan.Object}{(plan.Object.Namespace is { } name ? $" in {name}" : "")}";
            if (changes.Count == 0 || !ShouldProcess(target, $"Change {string.Join("; ", changes.Select(change => $"{change.Path}: {change.From} → {change.To}"))}"))
                WriteObject(plan.Changes, enumerateCollection: true);
            else if (!Run(target, (output, cancellationToken) => ApplyAsync(options, plan, output, cancellationToken)))
                return;
        }
    }

    private ReferenceOptions? ToOptions()
    {
        try
        {
            return Options();
        }
        catch (FormatException e)
        {
            Refuse("InvalidArgument", e.Message, Mapping);
            return null;
        }
    }

    private async Task FindAsync(ReferenceOptions options, ICommandOutput output, CancellationToken cancellationToken)
    {
        _plans.Clear();
        var client = _client = await ConnectAsync(cancellationToken);
        var (objects, places) = (0L, 0L);
        await foreach (var plan in new ImageReferences(client, options).FindAsync(e => output.WriteErrorAsync(ErrorMapper.Map(e), cancellationToken), output.Verbose, cancellationToken))
        {
            objects++;
            places += plan.Changes.Count;
            output.Report([new ProgressNotice(0, $"Looking for image references in {client.Cluster}", $"{OfCount(places)} found")]);
            if (Apply)
            {
                _plans.Add(plan);
                continue;
            }

            foreach (var change in plan.Changes)
                await output.WriteAsync(change, cancellationToken);
        }

        output.Verbose($"{OfCount(places)} references in {OfCount(objects)} objects.{(Apply || places == 0 ? "" : " Nothing was changed; -Apply changes them.")}");
    }

    private async Task ApplyAsync(ReferenceOptions options, ReferencePlan plan, ICommandOutput output, CancellationToken cancellationToken)
    {
        foreach (var change in await new ImageReferences(_client!, options).ApplyAsync(plan, e => output.WriteErrorAsync(ErrorMapper.Map(e, plan.Object.ToString()), cancellationToken), cancellationToken))
            await output.WriteAsync(change, cancellationToken);
    }
}
