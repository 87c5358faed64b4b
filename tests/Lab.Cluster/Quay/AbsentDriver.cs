namespace RegistryMigration.Lab.Cluster;

/// <summary>A storage that Quay starts with and that keeps nothing: FakeStorage, and those whose service can't be had here.</summary>
internal sealed class AbsentDriver(string reason) : IStorageDriver
{
    public Task ConnectAsync(CancellationToken cancellationToken) => throw Refusal();

    public Task<Uri?> DirectUrlAsync(string path, CancellationToken cancellationToken) => throw Refusal();

    public Task<Stream> ReadAsync(string path, CancellationToken cancellationToken) => throw Refusal();

    public Task WriteAsync(string path, Stream content, CancellationToken cancellationToken) => throw Refusal();

    public Task<bool> ExistsAsync(string path, CancellationToken cancellationToken) => throw Refusal();

    public Task DeleteAsync(string path, CancellationToken cancellationToken) => throw Refusal();

    public string ChunkPath(string upload, int number) => throw Refusal();

    public Task AssembleAsync(string upload, IReadOnlyList<string> chunks, string path, CancellationToken cancellationToken) => throw Refusal();

    public Task<string?> ObjectionAsync(CancellationToken cancellationToken) => Task.FromResult<string?>(reason);

    public void Dispose()
    {
    }

    private QuayStorageException Refusal() => new(reason);
}
