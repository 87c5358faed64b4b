using RegistryMigration.Model;

namespace RegistryMigration.Engine.Listing;

/// <summary>A range of keys whose two listings are compared independently of all others.</summary>
internal sealed class ListingShard(string prefix, Func<CancellationToken, IAsyncEnumerable<ReadOnlyMemory<StoreEntry>>> source, Func<CancellationToken, IAsyncEnumerable<ReadOnlyMemory<StoreEntry>>> target)
{
    /// <summary>What all keys start with.</summary>
    public string Prefix => prefix;

    /// <summary>Both listings, joined.</summary>
    public IAsyncEnumerable<ReadOnlyMemory<JoinedEntry>> JoinAsync(CancellationToken cancellationToken) =>
        MergeJoin.RunAsync(source(cancellationToken), target(cancellationToken), cancellationToken);
}
