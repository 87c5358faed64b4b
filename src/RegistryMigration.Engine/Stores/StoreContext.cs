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
    public MemoryBudget Memory { get; init; } = new(128L << 20);
}
