using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores;

/// <summary>A place that holds a registry's files. Keys are relative to the store's root and use <c>/</c>.</summary>
/// <remarks>
/// Every failure is a <see cref="StoreException"/> whose kind tells what can be done about it; cancellation is an
/// <see cref="OperationCanceledException"/>. A store makes one attempt: retries belong to the callers, except where repeating a step saves
/// all the others: single parts of a multipart or segmented write, and single pages of a listing, are retried by the policy the store
/// was given (<see cref="StoreContext.Retry"/>). All members may be called concurrently.
/// </remarks>
public interface IStore : IAsyncDisposable
{
    /// <summary>Where it is, for messages: the address and the root, without secrets.</summary>
    string Name { get; }

    /// <summary>What this store can do beyond the minimum.</summary>
    StoreCapabilities Capabilities { get; }

    /// <summary>Requests and bytes so far.</summary>
    StoreTraffic Traffic { get; }

    /// <summary>
    /// All entries whose key starts with <paramref name="prefix"/> (any text, not only whole segments), in pages, in
    /// <see cref="KeyOrder"/> over the whole listing. A missing directory is an empty listing; a missing bucket or container is
    /// <see cref="StoreErrorKind.NotFound"/>. Entries that the store can't give a safe key (names that are no UTF-8, links out of the
    /// root) are not listed and go to <paramref name="rejected"/>.
    /// </summary>
    IAsyncEnumerable<ReadOnlyMemory<StoreEntry>> ListAsync(string prefix, Action<RejectedEntry>? rejected, CancellationToken cancellationToken);

    /// <summary>The names of the next level below <paramref name="prefix"/> (which ends in <c>/</c> or is empty) that have anything below them, as prefixes ending in <c>/</c>, ordered.</summary>
    Task<IReadOnlyList<string>> ListPrefixesAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>The entries of the next level below <paramref name="prefix"/> (which ends in <c>/</c> or is empty), ordered: what <see cref="ListPrefixesAsync"/> leaves out.</summary>
    Task<IReadOnlyList<StoreEntry>> ListFilesAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>The entry with its true size, or null where there is none.</summary>
    Task<StoreEntry?> StatAsync(string key, CancellationToken cancellationToken);

    /// <summary>Opens the content from <paramref name="offset"/> bytes on. The caller disposes the answer.</summary>
    /// <param name="key">The key.</param>
    /// <param name="offset">The first byte wanted.</param>
    /// <param name="version">The <see cref="StoreReader.Version"/> of an earlier read that this one continues; <see cref="StoreErrorKind.Changed"/> when the object is another one now. Null for a first read.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    Task<StoreReader> ReadAsync(string key, long offset, string? version, CancellationToken cancellationToken);

    /// <summary>Writes an object whole, or not at all: nobody ever sees a part of it under its key.</summary>
    Task<WriteOutcome> WriteAsync(string key, StoreContent content, CancellationToken cancellationToken);

    /// <summary>Deletes an object with its segments; no error where there is none.</summary>
    Task DeleteAsync(string key, CancellationToken cancellationToken);

    /// <summary>Makes the directory, bucket or container where it is missing, with metadata where the store holds such. Idempotent.</summary>
    /// <returns>True when it was made now, false when it was there.</returns>
    Task<bool> InitializeAsync(IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken);
}

/// <summary>An entry that exists and has no key that can be used.</summary>
/// <param name="Name">The name as far as it can be shown.</param>
/// <param name="Reason">Why it was left out.</param>
public readonly record struct RejectedEntry(string Name, string Reason);

/// <summary>What came of a write.</summary>
public enum WriteOutcome
{
    /// <summary>The object was written.</summary>
    Written,

    /// <summary>A conditional write found the object in place: somebody else wrote it since it was listed.</summary>
    AlreadyPresent,
}
