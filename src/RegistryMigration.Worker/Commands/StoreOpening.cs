using RegistryMigration.Engine.Resilience;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;
using RegistryMigration.Worker.Output;

namespace RegistryMigration.Worker.Commands;

/// <summary>Opens stores with what the options of a run allow them.</summary>
internal static class StoreOpening
{
    /// <summary>What every store of a run shares.</summary>
    public static StoreContext Context(RetryOptions retry, TimeSpan stallTimeout, long? memoryBudget, TimeProvider time)
    {
        var context = new StoreContext { Time = time, Retry = new RetryPolicy(retry, time), StallTimeout = stallTimeout };
        return memoryBudget is { } bytes ? context with { Memory = new MemoryBudget(bytes) } : context;
    }

    /// <summary>Opens a store; warns where it trusts anybody.</summary>
    /// <param name="store">The store.</param>
    /// <param name="layoutIfEmpty">The layout that an empty store is to get; null where an empty store makes no sense.</param>
    /// <param name="context">What every store of a run shares.</param>
    /// <param name="progress">Takes the warning.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    public static Task<OpenStore> OpenAsync(RegistryStore store, LayoutKind? layoutIfEmpty, StoreContext context, ProgressReporter progress, CancellationToken cancellationToken)
    {
        if (store.Tls.SkipCertificateCheck)
            progress.Warn($"The certificate of {store} is not checked: whoever sits between can read and change everything. Give --…-certificate-authority instead.");
        return StoreFactory.OpenAsync(store, context, layoutIfEmpty, cancellationToken);
    }
}
