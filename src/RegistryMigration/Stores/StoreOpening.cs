using RegistryMigration.Engine.Resilience;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Stores;

/// <summary>Connects stores with what one cmdlet's options lend them.</summary>
internal static class StoreOpening
{
    /// <summary>What a cmdlet lends the stores of one run.</summary>
    public static StoreContext Context(TimeProvider time, RetryOptions? retry = null, TimeSpan? stallTimeout = null, long? memoryBudget = null)
    {
        var context = new StoreContext { Time = time, Retry = new RetryPolicy(retry ?? new RetryOptions(), time) };
        return context with
        {
            StallTimeout = stallTimeout ?? context.StallTimeout,
            Memory = memoryBudget is { } bytes ? new MemoryBudget(bytes) : context.Memory,
        };
    }

    /// <summary>Opens a store to read from it.</summary>
    public static Task<OpenStore> OpenAsync(RegistryStore store, TimeProvider time, CancellationToken cancellationToken) =>
        StoreFactory.OpenAsync(store, Context(time), null, cancellationToken);

    /// <summary>Opens two ends; what is empty at the destination gets the source's layout.</summary>
    public static async Task<StorePair> OpenPairAsync(RegistryStore source, RegistryStore destination, StoreContext context, CancellationToken cancellationToken)
    {
        var from = await OpenAtAsync(Party.Source, source, context, null, cancellationToken);
        try
        {
            return new StorePair(from, await OpenAtAsync(Party.Target, destination, context, from.Layout.Kind, cancellationToken));
        }
        catch
        {
            await from.DisposeAsync();
            throw;
        }
    }

    private static async Task<OpenStore> OpenAtAsync(Party party, RegistryStore store, StoreContext context, LayoutKind? ifEmpty, CancellationToken cancellationToken)
    {
        try
        {
            return await StoreFactory.OpenAsync(store, context, ifEmpty, cancellationToken);
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
