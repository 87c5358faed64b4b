using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;
using RegistryMigration.Worker.Output;

namespace RegistryMigration.Worker.Commands;

/// <summary>Opens stores with what the options of a run allow them.</summary>
internal static class StoreOpening
{
    /// <summary>Makes the directory, bucket or container where it is missing.</summary>
    public static async Task InitializeAsync(RegistryStore store, SyncOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var context = StoreContext.Create(time, options.Retry, options.StallTimeout, options.MemoryBudget);
        await using var bare = StoreFactory.Connect(store, "", context);
        await context.Retry.ExecuteAsync(bare.Traffic, async token => await bare.InitializeAsync(new Dictionary<string, string>(), token), cancellationToken);
    }

    /// <summary>Opens a store that must hold a registry already.</summary>
    /// <exception cref="StoreException">There is none, or the store can't be reached.</exception>
    public static async Task<OpenStore> OpenFilledAsync(RegistryStore store, StoreContext context, ProgressReporter progress, CancellationToken cancellationToken)
    {
        var opened = await OpenAsync(store, null, context, progress, cancellationToken);
        if (opened.Found)
            return opened;
        await opened.DisposeAsync();
        throw new StoreException(StoreErrorKind.NotFound, $"There is no registry in {store}. Check the address; where its files lie below an unusual prefix, name that with the option that ends in -root.") { Store = store.ToString() };
    }

    /// <summary>Opens a store; warns where it trusts anybody.</summary>
    /// <param name="store">The store.</param>
    /// <param name="source">What is to be copied there; null for a store that is only read.</param>
    /// <param name="context">What every store of a run shares.</param>
    /// <param name="progress">Takes the warning.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    public static Task<OpenStore> OpenAsync(RegistryStore store, OpenStore? source, StoreContext context, ProgressReporter progress, CancellationToken cancellationToken)
    {
        if (store.Tls.SkipCertificateCheck)
            progress.Warn($"The certificate of {store} is not checked: whoever sits between can read and change everything. Give its authority with the option that ends in -certificate-authority instead.");
        return StoreFactory.OpenAsync(store, context, source, cancellationToken);
    }
}
