using RegistryMigration.Benchmarks.Running;
using RegistryMigration.Benchmarks.Trees;

namespace RegistryMigration.Benchmarks.Servers;

/// <summary>Directories, each on a file system of its own that is made for it: one that files were just deleted from takes longer to make new ones.</summary>
/// <remarks>ext4 in a sparse file, mounted as a loop device; with 6 GiB it holds the largest tree twice.</remarks>
/// <param name="root">Where they lie.</param>
/// <param name="tool">Makes and mounts them.</param>
internal sealed class LocalDisk(string root, Tool tool) : IStorage
{
    private const long Size = 6L << 30;

    private readonly HashSet<string> _mounted = [];

    /// <inheritdoc />
    public async Task<Place> CreateAsync(string name, CancellationToken cancellationToken)
    {
        var mount = Path.Combine(root, name);
        Directory.CreateDirectory(mount);
        await using (var image = File.Create(ImageOf(mount)))
            image.SetLength(Size);
        // All tables at once: the kernel would go on making them while something is measured.
        await tool.RequireAsync(new CommandLine("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", ImageOf(mount)), cancellationToken);
        await tool.RequireAsync(new CommandLine("mount", "-o", "loop", ImageOf(mount), mount), cancellationToken);
        _mounted.Add(mount);
        return new DirectoryPlace(Directory.CreateDirectory(Path.Combine(mount, "data")).FullName);
    }

    /// <inheritdoc />
    public Task RemoveAsync(Place place, CancellationToken cancellationToken) => UnmountAsync(Path.GetDirectoryName(((DirectoryPlace)place).Path)!, cancellationToken);

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
    public Task<string> DescribeAsync(CancellationToken cancellationToken) => Task.FromResult($"new ext4 on a loop device over {new DriveInfo(root).DriveFormat}");

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var mount in _mounted.ToArray())
            await UnmountAsync(mount, CancellationToken.None);
        if (Directory.Exists(root))
            Directory.Delete(root, recursive: true);
    }

    private async Task UnmountAsync(string mount, CancellationToken cancellationToken)
    {
        await tool.RequireAsync(new CommandLine("umount", mount), cancellationToken);
        _mounted.Remove(mount);
        File.Delete(ImageOf(mount));
        Directory.Delete(mount);
    }

    private static string ImageOf(string mount) => mount + ".img";
}
