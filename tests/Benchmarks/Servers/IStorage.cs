using RegistryMigration.Benchmarks.Trees;

namespace RegistryMigration.Benchmarks.Servers;

/// <summary>What keeps trees: a server, or the local disk.</summary>
internal enum StorageKind
{
    Directory,
    S3,
    Swift,
}

/// <summary>Makes places for trees, looks into them, and counts what it is asked.</summary>
internal interface IStorage : IAsyncDisposable
{
    /// <summary>Makes an empty place.</summary>
    /// <param name="name">Its name: lower-case letters, digits and hyphens, three at least.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<Place> CreateAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Removes a place with everything in it. A server goes with its last place and another follows, started from nothing: that takes
    /// seconds, deleting each object takes minutes and leaves traces, and so every run finds the same server.
    /// </summary>
    Task RemoveAsync(Place place, CancellationToken cancellationToken);

    /// <summary>Counts the objects of the tree in a place, and the bytes that they hold.</summary>
    Task<Contents> CountAsync(Place place, CancellationToken cancellationToken);

    /// <summary>Reads one small object of the tree.</summary>
    Task<string> ReadAsync(Place place, string key, CancellationToken cancellationToken);

    /// <summary>What was counted since the start; null where nothing counts.</summary>
    Task<Traffic?> TrafficAsync(CancellationToken cancellationToken);

    /// <summary>Name and version.</summary>
    Task<string> DescribeAsync(CancellationToken cancellationToken);
}
