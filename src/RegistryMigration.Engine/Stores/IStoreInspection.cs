namespace RegistryMigration.Engine.Stores;

/// <summary>A store that keeps metadata with its container or bucket, and can tell of it as a whole.</summary>
public interface IStoreInspection
{
    /// <summary>What the server says of the container or bucket; null where there is none.</summary>
    Task<StoreDescription?> DescribeAsync(CancellationToken cancellationToken);
}

/// <summary>A container or bucket as its server tells of it.</summary>
public sealed record StoreDescription
{
    /// <summary>The metadata or tags, by names without the server's prefix; the case of names does not count, since Swift changes it.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Bytes that may still be stored by the quotas of container and account; null where there are none, or they are not told.</summary>
    public long? Room { get; init; }

    /// <summary>Bytes of one request; what is larger has to be split. Null where the server does not say.</summary>
    public long? MaxObjectSize { get; init; }
}
