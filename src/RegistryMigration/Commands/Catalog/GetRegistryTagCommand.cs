using System.Management.Automation;
using RegistryMigration.Completion;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using RegistryMigration.Stores;

namespace RegistryMigration.Commands.Catalog;

/// <summary>Lists the tags of a store's repositories.</summary>
[Cmdlet(VerbsCommon.Get, "RegistryTag")]
[OutputType(typeof(TagInfo))]
public sealed class GetRegistryTagCommand : RegistryCommand
{
    /// <summary>The store or its address.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Destination")]
    [StoreArgument]
    public RegistryStore? Store { get; set; }

    /// <summary>Repositories, as wildcards; all when left out.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(RepositoryCompleter))]
    public string[] Repository { get; set; } = [];

    /// <summary>Tags, as wildcards; all when left out.</summary>
    [Parameter(Position = 2)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(TagCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>Read each tag's manifest for media type, size and platforms: one more request a tag.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        WarnWhenUnchecked(Store!.Tls, Store.ToString());
        Run(Store, ListAsync);
    }

    private async Task ListAsync(ICommandOutput output, CancellationToken cancellationToken)
    {
        // Tags differ by case, unlike most of what PowerShell's wildcards are used on.
        var patterns = Array.ConvertAll(Name, name => WildcardPattern.Get(name, WildcardOptions.CultureInvariant));
        await using var store = await StoreOpening.OpenAsync(Store!, StoreContext.Create(Time), cancellationToken);
        using var catalog = new RegistryCatalog(store);
        await foreach (var repository in catalog.RepositoriesAsync(Repository, cancellationToken))
        {
            await foreach (var tag in catalog.TagsAsync(repository.Name, Detailed, cancellationToken))
            {
                if (patterns.Length == 0 || Array.Exists(patterns, pattern => pattern.IsMatch(tag.Name)))
                    await output.WriteAsync(tag, cancellationToken);
            }
        }
    }
}
