namespace RegistryMigration.Lab.Cluster;

/// <summary>A directory: storage/local.py.</summary>
internal sealed class LocalDriver(string root) : IStorageDriver
{
    public Task ConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<Uri?> DirectUrlAsync(string path, CancellationToken cancellationToken) => Task.FromResult<Uri?>(null);

    public Task<Stream> ReadAsync(string path, CancellationToken cancellationToken) => TryAsync<Stream>(path, file => Task.FromResult<Stream>(File.OpenRead(file)));

    public Task WriteAsync(string path, Stream content, CancellationToken cancellationToken) => TryAsync(path, async file =>
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await using var target = File.Create(file);
        await content.CopyToAsync(target, cancellationToken);
        return true;
    });

    public Task<bool> ExistsAsync(string path, CancellationToken cancellationToken) => Task.FromResult(File.Exists(At(path)));

    public Task DeleteAsync(string path, CancellationToken cancellationToken) => TryAsync(path, file =>
    {
        if (File.Exists(file))
            File.Delete(file);
        return Task.FromResult(true);
    });

    public string ChunkPath(string upload, int number) => $"uploads/{upload}/{number}";

    // All chunks of an upload are one file there, which is moved; here they are files that are joined.
    public async Task AssembleAsync(string upload, IReadOnlyList<string> chunks, string path, CancellationToken cancellationToken)
    {
        await TryAsync(path, async file =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            var partial = $"{file}.{Guid.NewGuid():n}";
            await using (var target = File.Create(partial))
                foreach (var chunk in chunks)
                    await using (var source = File.OpenRead(At(chunk)))
                        await source.CopyToAsync(target, cancellationToken);
            File.Move(partial, file, overwrite: true);
            return true;
        });
        if (Directory.Exists(At($"uploads/{upload}")))
            Directory.Delete(At($"uploads/{upload}"), recursive: true);
    }

    public Task<string?> ObjectionAsync(CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    public void Dispose()
    {
    }

    private string At(string path) => Path.Combine(root, path);

    private async Task<T> TryAsync<T>(string path, Func<string, Task<T>> work)
    {
        try
        {
            return await work(At(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new QuayStorageException(e.Message, e);
        }
    }
}
