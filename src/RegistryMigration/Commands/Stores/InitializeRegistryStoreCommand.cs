using System.Collections;
using System.Globalization;
using System.Management.Automation;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using RegistryMigration.Stores;

namespace RegistryMigration.Commands.Stores;

/// <summary>Makes a store's directory, bucket or container where it is missing. Passes the store on.</summary>
[Cmdlet(VerbsData.Initialize, "RegistryStore", SupportsShouldProcess = true)]
[OutputType(typeof(RegistryStore))]
public sealed class InitializeRegistryStoreCommand : RegistryCommand
{
    /// <summary>The store or its address.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [StoreArgument]
    public RegistryStore? Store { get; set; }

    /// <summary>
    /// Metadata that marks the container or bucket as somebody's. One that holds something and does not carry all of it is refused; with
    /// it, it is taken to be resumed.
    /// </summary>
    [Parameter]
    public Hashtable Metadata { get; set; } = [];

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        var store = Store!;
        WarnWhenUnchecked(store.Tls, store.ToString());
        if (!ShouldProcess(store.ToString(), $"Make the {Noun(store.Address.Kind)}") || Run(store, InitializeAsync))
            WriteObject(store);
    }

    /// <summary>The metadata as text.</summary>
    internal static Dictionary<string, string> ToText(Hashtable metadata) => metadata.Cast<DictionaryEntry>().ToDictionary(
        entry => Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!,
        entry => Convert.ToString(entry.Value, CultureInfo.InvariantCulture) ?? "",
        StringComparer.Ordinal);

    private async Task InitializeAsync(ICommandOutput output, CancellationToken cancellationToken)
    {
        var context = StoreContext.Create(Time);
        await using var bare = StoreFactory.Connect(Store!, "", context);
        var made = await StorePreparation.PrepareAsync(bare, ToText(Metadata), context, cancellationToken);
        output.Verbose(made ? $"Made {Store}." : $"{Store} was there already.");
    }

    private static string Noun(StoreKind kind) => kind switch
    {
        StoreKind.S3 => "bucket",
        StoreKind.Swift => "container",
        _ => "directory",
    };
}
