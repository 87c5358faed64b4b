using System.Management.Automation;
using System.Management.Automation.Runspaces;
using RegistryMigration.Clusters;
using RegistryMigration.Completion;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Engine.Registries;
using RegistryMigration.Engine.Registries.Proofs;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Migrations;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using static RegistryMigration.Views.SizeText;

namespace RegistryMigration.Commands.Registries;

/// <summary>Pulls images as a client does and hashes every byte: a sample, all, or those named.</summary>
[Cmdlet(VerbsDiagnostic.Test, "RegistryPull", DefaultParameterSetName = SampleSet)]
[OutputType(typeof(PullResult), typeof(bool))]
public sealed class TestRegistryPullCommand : RegistryEndpointCommand
{
    private const string SampleSet = "Sample";
    private const string AllSet = "All";
    private const string ImageSet = "Image";

    private readonly RegistryCluster? _session = SessionCluster.Of(Runspace.DefaultRunspace);
    private readonly List<string> _repositories = [];
    private readonly List<ImageReference> _images = [];

    /// <summary>Repositories; wildcards unless images are named.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    public string[] Repository { get; set; } = [];

    /// <summary>Tags to pull, by name.</summary>
    [Parameter(ParameterSetName = ImageSet, ValueFromPipelineByPropertyName = true)]
    public string[] Tag { get; set; } = [];

    /// <summary>Digests to pull; they win over tags.</summary>
    [Parameter(ParameterSetName = ImageSet, ValueFromPipelineByPropertyName = true)]
    public string[] Digest { get; set; } = [];

    /// <summary>How many images to draw at random.</summary>
    [Parameter(ParameterSetName = SampleSet)]
    [ValidateRange(1, int.MaxValue)]
    public int Sample { get; set; } = 10;

    /// <summary>Makes the draw repeatable.</summary>
    [Parameter(ParameterSetName = SampleSet)]
    public int? Seed { get; set; }

    /// <summary>Every tag of every repository.</summary>
    [Parameter(ParameterSetName = AllSet, Mandatory = true)]
    public SwitchParameter All { get; set; }

    /// <summary>The one platform to take of an index, os/architecture[/variant]; all when left out.</summary>
    [Parameter]
    public string? Platform { get; set; }

    /// <summary>Transfers at a time.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int Concurrency { get; set; } = new PullOptions().Concurrency;

    /// <summary>The migration that this proof belongs to: an object of Get-RegistryMigration, or a name. Its journal keeps what came of it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public MigrationReference? Migration { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        if (ParameterSetName != ImageSet)
        {
            _repositories.AddRange(Repository);
            return;
        }

        try
        {
            _images.AddRange(Images());
        }
        catch (FormatException e)
        {
            WriteError(ErrorMapper.Map(e, Repository).ToRecord());
        }
    }

    /// <inheritdoc />
    protected override void EndProcessing()
    {
        if (ParameterSetName == ImageSet && _images.Count == 0)
            return;
        var endpoint = Connect();
        Run(endpoint, (output, cancellationToken) => ProveAsync(endpoint, output, cancellationToken));
    }

    /// <summary>The images named by one set of parameters.</summary>
    /// <exception cref="FormatException">A name is none, or there is no repository.</exception>
    internal IEnumerable<ImageReference> Images()
    {
        if (Repository.Length == 0)
            throw new FormatException("-Tag and -Digest belong to a repository. Give -Repository.");
        // A piped tag brings both, and no digest where its link is broken.
        return Repository.SelectMany(repository => Digest is { Length: > 0 }
            ? Digest.Select(digest => ImageReference.ByDigest(repository, Model.Digest.Parse(digest)))
            : Tag.Select(tag => ImageReference.ByTag(repository, tag)));
    }

    /// <summary>The options that the parameters stand for.</summary>
    internal PullOptions Options(string parameterSet) => new()
    {
        Sample = parameterSet == SampleSet ? Sample : null,
        Seed = Seed,
        Repositories = [.. _repositories],
        Platform = Platform,
        Concurrency = Concurrency,
    };

    private async Task ProveAsync(RegistryEndpoint endpoint, ICommandOutput output, CancellationToken cancellationToken)
    {
        await using var migration = await MigrationOpening.OpenAsync(Migration, _session, Time, output, cancellationToken);
        var began = Time.GetUtcNow();
        using var client = new RegistryClient(endpoint, StoreContext.Create(Time));
        var proof = new PullProof(client, Options(ParameterSetName), Time);
        var results = ParameterSetName == ImageSet ? proof.RunAsync(_images, cancellationToken) : proof.RunAsync(cancellationToken);
        var (pulled, failed, bytes) = (0L, 0L, 0L);
        await foreach (var result in results)
        {
            pulled++;
            bytes += result.Bytes;
            if (!result.Ok)
                failed++;
            output.Report([new ProgressNotice(0, $"Pulling from {endpoint}", $"{OfCount(pulled)} images, {OfBytes(bytes)}{(failed > 0 ? $", {OfCount(failed)} failed" : "")}")]);
            if (!Quiet)
                await output.WriteAsync(result, cancellationToken);
        }

        output.Verbose($"Pulled {OfCount(pulled)} images ({OfBytes(bytes)}) from {endpoint}; {OfCount(failed)} failed.");
        if (migration is not null)
        {
            var record = new PullRecord(endpoint.ToString(), pulled, failed, bytes, began, Time.GetUtcNow() - began);
            await migration.Run.RecordAsync(record.ToStep(migration.Run.Steps), cancellationToken);
        }

        if (pulled == 0)
            output.Warn($"{endpoint} offers no image to pull, so nothing is proven. Check -Repository, and whether this account may list the catalog.");
        else if (failed > 0)
            output.Warn($"{OfCount(failed)} of {OfCount(pulled)} images are not served as their digests say; each result's Failures names the parts.");
        if (Quiet)
            await output.WriteAsync(pulled > 0 && failed == 0, cancellationToken);
    }
}
