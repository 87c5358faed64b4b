using RegistryMigration.Benchmarks.Trees;

namespace RegistryMigration.Benchmarks.Servers;

/// <summary>Directories on a local file system.</summary>
/// <param name="root">Where they lie.</param>
internal sealed class LocalDisk(string root) : IStorage
{
    /// <inheritdoc />
    public Task<Place> CreateAsync(string name, CancellationToken cancellationToken)
    {
        var path = Path.Combine(root, name);
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        Directory.CreateDirectory(path);
        return Task.FromResult<Place>(new DirectoryPlace(path));
    }

    /// <inheritdoc />
    public Task RemoveAsync(Place place, CancellationToken cancellationToken) =>
        Task.Run(() => Directory.Delete(((DirectoryPlace)place).Path, recursive: true), cancellationToken);

    /// <inheritdoc />
    public Task<Contents> CountAsync(Place place, CancellationToken cancellationToken) => Task.Run(
        () => new DirectoryInfo(((DirectoryPlace)place).Path).EnumerateFiles("*", SearchOption.AllDirectories)
            .Aggregate(default(Contents), (sum, file) => sum + new Contents(1, file.Length)),
        cancellationToken);

    /// <inheritdoc />
    public Task<string> ReadAsync(Place place, string key, CancellationToken cancellationToken) =>
        File.ReadAllTextAsync(Path.Combine(((DirectoryPlace)place).Path, key), cancellationToken);

    /// <inheritdoc />
    public Task<Traffic?> TrafficAsync(CancellationToken cancellationToken) => Task.FromResult<Traffic?>(null);

    /// <inheritdoc />
    public Task<string> DescribeAsync(CancellationToken cancellationToken) =>
        Task.FromResult($"local directory on {new DriveInfo(root).DriveFormat}");

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        if (Directory.Exists(root))
            Directory.Delete(root, recursive: true);
        return ValueTask.CompletedTask;
    }
}
