namespace RegistryMigration.Lab.Cluster;

/// <summary>What Quay asks of a storage location: storage/basestorage.py. Paths are Quay's, such as <c>sha256/ab/abcd…</c>.</summary>
internal interface IStorageDriver : IDisposable
{
    /// <summary>Connects, as every call of a cloud driver does first; the bucket has to be there (<c>_initialize_cloud_conn</c>).</summary>
    Task ConnectAsync(CancellationToken cancellationToken);

    /// <summary>An address where a client gets an object without Quay; null where there is no such thing.</summary>
    Task<Uri?> DirectUrlAsync(string path, CancellationToken cancellationToken);

    /// <summary>An object's content.</summary>
    Task<Stream> ReadAsync(string path, CancellationToken cancellationToken);

    /// <summary>Writes an object.</summary>
    Task WriteAsync(string path, Stream content, CancellationToken cancellationToken);

    /// <summary>Whether there is such an object.</summary>
    Task<bool> ExistsAsync(string path, CancellationToken cancellationToken);

    /// <summary>Deletes an object; none is fine.</summary>
    Task DeleteAsync(string path, CancellationToken cancellationToken);

    /// <summary>Where the next chunk of an upload goes.</summary>
    string ChunkPath(string upload, int number);

    /// <summary>Makes an object of an upload's chunks.</summary>
    Task AssembleAsync(string upload, IReadOnlyList<string> chunks, string path, CancellationToken cancellationToken);

    /// <summary>What config-tool asks before Quay starts; null where it has nothing to say against it.</summary>
    Task<string?> ObjectionAsync(CancellationToken cancellationToken);
}

/// <summary>The storage did not do it: Quay answers 500, or 400 while a client uploads.</summary>
internal sealed class QuayStorageException(string message, Exception? inner = null) : Exception(message, inner);
