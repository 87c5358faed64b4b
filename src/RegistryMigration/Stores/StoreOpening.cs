using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Stores;

/// <summary>Connects stores with what one cmdlet's options lend them.</summary>
internal static class StoreOpening
{
    /// <summary>Opens a store to read from it.</summary>
    /// <exception cref="StoreException">Nothing answers, or there is no registry in it: a typing error in the address must not look like an empty registry.</exception>
    public static async Task<OpenStore> OpenAsync(RegistryStore store, StoreContext context, CancellationToken cancellationToken)
    {
        var open = await StoreFactory.OpenAsync(store, context, null, cancellationToken);
        if (open.Found)
            return open;
        await open.DisposeAsync();
        throw new StoreException(StoreErrorKind.NotFound, $"There is no registry in {store}. Check the address; for an unusual place, give -Layout and -Root of New-RegistryStore.") { Store = store.ToString() };
    }

    /// <summary>Opens two ends; what is empty at the destination gets what is like the source's.</summary>
    public static async Task<StorePair> OpenPairAsync(RegistryStore source, RegistryStore destination, StoreContext context, CancellationToken cancellationToken)
    {
        var from = await AtAsync(Party.Source, OpenAsync(source, context, cancellationToken));
        try
        {
            return new StorePair(from, await AtAsync(Party.Target, StoreFactory.OpenAsync(destination, context, from, cancellationToken)));
        }
        catch
        {
            await from.DisposeAsync();
            throw;
        }
    }

    private static async Task<OpenStore> AtAsync(Party party, Task<OpenStore> opening)
    {
        try
        {
            return await opening;
        }
        catch (StoreException e)
        {
            throw e.At(party);
        }
    }
}

/// <summary>The two ends of a sync or a comparison.</summary>
internal sealed record StorePair(OpenStore Source, OpenStore Destination) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await Destination.DisposeAsync();
        await Source.DisposeAsync();
    }
}
