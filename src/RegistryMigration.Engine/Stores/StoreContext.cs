using RegistryMigration.Engine.Resilience;

namespace RegistryMigration.Engine.Stores;

/// <summary>What the engine lends every store.</summary>
public sealed record StoreContext
{
    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How single parts of a write and single pages of a listing are retried, which a store does by itself.</summary>
    public RetryPolicy Retry { get; init; } = new(new Model.RetryOptions(), TimeProvider.System);

    /// <summary>How long a server may keep silent before a request is cut (<see cref="Model.StoreErrorKind.Stalled"/>).</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes of part buffers that all writes together may hold.</summary>
    public MemoryBudget Memory { get; init; } = new(new Model.SyncOptions().MemoryBudget);

    /// <summary>What the options of one run lend its stores; null is the default.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="retry">How failures that may pass are retried.</param>
    /// <param name="stallTimeout">How long a server may keep silent.</param>
    /// <param name="memoryBudget">Bytes of part buffers.</param>
    public static StoreContext Create(TimeProvider time, Model.RetryOptions? retry = null, TimeSpan? stallTimeout = null, long? memoryBudget = null)
    {
        var context = new StoreContext { Time = time, Retry = new RetryPolicy(retry ?? new Model.RetryOptions(), time) };
        return context with
        {
            StallTimeout = stallTimeout ?? context.StallTimeout,
            Memory = memoryBudget is { } bytes ? new MemoryBudget(bytes) : context.Memory,
        };
    }
}
