using System.Management.Automation;
using RegistryMigration.Completion;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using RegistryMigration.Stores;

namespace RegistryMigration.Commands.Catalog;

/// <summary>Lists the repositories of a store.</summary>
[Cmdlet(VerbsCommon.Get, "RegistryRepository")]
[OutputType(typeof(RepositoryInfo))]
public sealed class GetRegistryRepositoryCommand : RegistryCommand
{
    /// <summary>The store or its address.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Destination")]
    [StoreArgument]
    public RegistryStore? Store { get; set; }

    /// <summary>Names, as wildcards; all when left out.</summary>
    [Parameter(Position = 1)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(RepositoryCompleter))]
    public string[] Name { get; set; } = [];

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        WarnWhenUnchecked(Store!.Tls, Store.ToString());
        Run(Store, ListAsync);
    }

    private async Task ListAsync(ICommandOutput output, CancellationToken cancellationToken)
    {
        await using var store = await StoreOpening.OpenAsync(Store!, StoreContext.Create(Time), cancellationToken);
        using var catalog = new RegistryCatalog(store);
        await foreach (var repository in catalog.RepositoriesAsync(Name, cancellationToken))
            await output.WriteAsync(repository, cancellationToken);
    }
}
