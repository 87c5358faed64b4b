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
        using var client = await ConnectAsync(cancellationToken);
        var images = ImageStreamReader.ListAsync(client, Namespace, cancellationToken);
        if (Sample is not { } wanted)
        {
            await foreach (var image in images)
                await output.WriteAsync(image, cancellationToken);
            return;
        }

        var (drawn, seen) = (new List<RegistryImage>(), 0L);
#pragma warning disable CA5394 // A sample is no secret.
        var random = Seed is { } seed ? new Random(seed) : new Random();
        // Each of what was seen has the same chance, and only what was drawn is kept.
        await foreach (var image in images)
        {
            if (drawn.Count < wanted)
                drawn.Add(image);
            else if (random.NextInt64(seen + 1) is var place && place < wanted)
                drawn[(int)place] = image;
            seen++;
        }
#pragma warning restore CA5394
        output.Verbose($"Drew {OfCount(drawn.Count)} of {OfCount(seen)} images.");
        foreach (var image in drawn)
            await output.WriteAsync(image, cancellationToken);
    }
}
