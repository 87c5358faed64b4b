using System.Collections.Concurrent;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Stores.FileSystem;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Stores.FileSystem;

/// <summary>A file system that stops as in a power cut: what is not on its disk by then is gone.</summary>
public sealed class PowerCutTests : IAsyncLifetime
{
    // EXT4_IOC_SHUTDOWN without flushing the journal (2).
    private const string Cut = "import fcntl,os,struct,sys; fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587D, struct.pack('I', 2))";

    private readonly TemporaryStore _directory = new();
    private readonly string _image = Path.Combine(Path.GetTempPath(), $"rm-cut-{Guid.NewGuid():N}.img");
    private bool _mounted;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess)
            _mounted = await RunAsync("truncate", "-s", "256M", _image) && await RunAsync("mkfs.ext4", "-q", "-F", _image) && await MountAsync();
        Assert.SkipUnless(_mounted, "A file can be mounted by root on Linux only.");
    }

    public async ValueTask DisposeAsync()
    {
        if (_mounted)
            Assert.True(await RunAsync("umount", "--lazy", _directory.Path));
        File.Delete(_image);
        _directory.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(300)]
    [InlineData(1500)]
    public async Task What_was_reported_as_written_is_there_and_nothing_is_there_in_part(int before)
    {
        var written = new ConcurrentDictionary<string, byte>();
        await using (var store = new FileSystemStore(_directory.Path, "", new StoreContext()))
        {
            var writers = Enumerable.Range(0, 64).Select(writer => Task.Run(() => WriteAsync(store, writer, written), Token)).ToArray();
            while (written.Count < before)
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
            Assert.True(await RunAsync("python3", "-c", Cut, _directory.Path));
            await Task.WhenAll(writers);
        }

        Assert.True(await RunAsync("umount", _directory.Path));
        Assert.True(_mounted = await MountAsync());
        var found = Directory.GetFiles(_directory.Path, "*", SearchOption.AllDirectories)
            .Where(path => !TemporaryFiles.IsOurs(Path.GetFileName(path)))
            .ToDictionary(path => Path.GetRelativePath(_directory.Path, path), File.ReadAllBytes);
        Assert.All(written.Keys, key => Assert.True(found.ContainsKey(key), $"{key} was lost."));
        Assert.All(found, file => Assert.True(ContentOf(file.Key).AsSpan().SequenceEqual(file.Value), $"{file.Key} has {file.Value.Length} other bytes."));
    }

    private static async Task WriteAsync(FileSystemStore store, int writer, ConcurrentDictionary<string, byte> written)
    {
        try
        {
            for (var i = 0; ; i++)
            {
                var key = $"{i % 16:x}/{writer}-{i}/data";
                await store.WriteAsync(key, new StoreContent(ContentOf(key)) { IfAbsent = i % 2 == 0 }, Token);
                written[key] = 0;
            }
        }
        catch (StoreException)
        {
            // The cut.
        }
    }

    private static byte[] ContentOf(string key)
    {
        var content = new byte[1000 + key.Length * 100];
        new Random(key.Sum(letter => letter)).NextBytes(content);
        return content;
    }

    private Task<bool> MountAsync() => RunAsync("mount", "-o", "loop", _image, _directory.Path);

    private static async Task<bool> RunAsync(string program, params string[] arguments) => await TemporaryStore.RunAsync(program, arguments) == 0;
}
