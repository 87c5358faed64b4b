namespace RegistryMigration.Engine.Stores;

/// <summary>An object being read.</summary>
public sealed class StoreReader : IAsyncDisposable
{
    /// <summary>Wraps an open answer.</summary>
    /// <param name="content">The bytes from the offset that was asked for.</param>
    /// <param name="length">The size of the whole object in bytes, whatever the offset.</param>
    /// <param name="version">What identifies this very content (ETag, or inode and change time); null where the store can't tell.</param>
    public StoreReader(Stream content, long length, string? version)
    {
        Content = content;
        Length = length;
        Version = version;
    }

    /// <summary>The bytes from the offset that was asked for. Read failures are <see cref="Model.StoreException"/>s; an end before <see cref="Length"/> is for the reader to notice.</summary>
    public Stream Content { get; }

    /// <summary>The size of the whole object in bytes.</summary>
    public long Length { get; }

    /// <summary>What identifies this very content.</summary>
    public string? Version { get; }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Content.DisposeAsync();
}
