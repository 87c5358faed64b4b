using System.Management.Automation;
using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Commands.Clusters;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using static RegistryMigration.Views.SizeText;

namespace RegistryMigration.Commands.OpenShift;

/// <summary>Lists the images that imagestreams name and the cluster's own registry stores; all, or some at random for Test-RegistryPull.</summary>
[Cmdlet(VerbsCommon.Get, "RegistryImage")]
[OutputType(typeof(RegistryImage))]
public sealed class GetRegistryImageCommand : ClusterCommand
{
    /// <summary>The project; all when left out.</summary>
    [Parameter(Position = 0)]
    public string? Namespace { get; set; }

    /// <summary>How many to draw at random; all when left out.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? Sample { get; set; }

    /// <summary>Makes the draw repeatable.</summary>
    [Parameter]
    public int? Seed { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord() => Run(Namespace, ListAsync);

    private async Task ListAsync(ICommandOutput output, CancellationToken cancellationToken)
    {
        using var client = await ConnectAsync(output, cancellationToken);
        if (Sample is not { } wanted)
        {
            await foreach (var image in ImageStreamReader.ListAsync(client, Namespace, cancellationToken))
                await output.WriteAsync(image, cancellationToken);
            return;
        }

        var (drawn, seen) = await ImageStreamReader.DrawAsync(client, Namespace, wanted, Seed, cancellationToken);
        output.Verbose($"Drew {OfCount(drawn.Count)} of {OfCount(seen)} images.");
        foreach (var image in drawn)
            await output.WriteAsync(image, cancellationToken);
    }
}
