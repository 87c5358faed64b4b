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
        if (ToOptions() is { } options && Run((client, output, cancellationToken) => FindAsync(client, options, output, cancellationToken)) && Apply)
            Decide(options);
    }

    /// <summary>The options that the parameters stand for.</summary>
    /// <exception cref="FormatException">A mapping is none.</exception>
    internal ReferenceOptions Options() => new() { Mappings = [.. Mapping.Select(ReferenceMapping.Parse)], Namespaces = Namespace, Kinds = Kind };

    private void Decide(ReferenceOptions options)
    {
        var approved = new List<ReferencePlan>();
        foreach (var plan in _plans)
        {
            var changes = plan.Changes.Where(change => change.Reason is null).ToList();
            var target = $"{plan.Found}{(plan.Found.Namespace is { } name ? $" in {name}" : "")}";
            if (changes.Count > 0 && ShouldProcess(target, $"Change {string.Join("; ", changes.Select(change => $"{change.Path}: {change.From} → {change.To}"))}"))
                approved.Add(plan);
            else
                WriteObject(plan.Changes, enumerateCollection: true);
        }

        if (approved.Count > 0)
            Run((client, output, cancellationToken) => ApplyAsync(client, options, approved, output, cancellationToken));
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

    private async Task FindAsync(IKubernetesClient client, ReferenceOptions options, ICommandOutput output, CancellationToken cancellationToken)
    {
        _plans.Clear();
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

    private static async Task ApplyAsync(IKubernetesClient client, ReferenceOptions options, List<ReferencePlan> plans, ICommandOutput output, CancellationToken cancellationToken)
    {
        var references = new ImageReferences(client, options);
        var done = 0L;
        foreach (var plan in plans)
        {
            foreach (var change in await references.ApplyAsync(plan, e => output.WriteErrorAsync(ErrorMapper.Map(e, plan.Found.ToString()), cancellationToken), cancellationToken))
                await output.WriteAsync(change, cancellationToken);
            output.Report([new ProgressNotice(0, $"Changing image references in {client.Cluster}", $"{OfCount(++done)} of {OfCount(plans.Count)} objects", ProgressNotice.PercentOf(done, plans.Count))]);
        }
    }
}
