using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Stores.FileSystem;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Stores.FileSystem;

/// <summary>A small file system of its own, which can be full or read-only.</summary>
public sealed class DiskTests : IAsyncLifetime
{
    private readonly TemporaryStore _directory = new();
    private bool _mounted;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess)
            _mounted = await TemporaryStore.RunAsync("mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=200", "tmpfs", _directory.Path) == 0;
        Assert.SkipUnless(_mounted, "A file system can be mounted by root on Linux only.");
    }

    public async ValueTask DisposeAsync()
    {
        if (_mounted)
            Assert.Equal(0, await TemporaryStore.RunAsync("umount", "--lazy", _directory.Path));
        _directory.Dispose();
    }

    [Theory]
    [InlineData(2_000_000)]
    [InlineData(900_000)]
    [InlineData(100_000)]
    public async Task A_full_disk_is_named_and_nothing_is_left(int size)
    {
        _directory.Put("filler", new string('x', 980_000));
        var content = new StoreContent(size, _ => ValueTask.FromResult<Stream>(new MemoryStream(new byte[size])));
        var e = await Assert.ThrowsAsync<StoreException>(() => _directory.Store.WriteAsync("a/data", content, Token));
        Assert.Equal(StoreErrorKind.Full, e.Kind);
        Assert.Contains("Free space", e.Message, StringComparison.Ordinal);
        Assert.Equal([_directory.PathOf("filler")], _directory.Files());
    }

    [Fact]
    public async Task A_disk_without_inodes_is_full_too()
    {
        var e = await Assert.ThrowsAsync<StoreException>(async () =>
        {
            for (var i = 0; i < 300; i++)
                await _directory.Store.WriteAsync($"a/{i}", new StoreContent("x"u8.ToArray()), Token);
        });
        Assert.Equal(StoreErrorKind.Full, e.Kind);
    }

    [Fact]
    public async Task A_disk_that_fills_up_fails_the_files_that_do_not_fit_and_no_others()
    {
        await using var store = new FileSystemStore(_directory.Path, "", new StoreContext(), new CountingCalls { OnFlushFileSystem = () => { } });
        var content = new byte[30_000];
        Random.Shared.NextBytes(content);
        var writes = Enumerable.Range(0, 60).Select(i => Task.Run(() => store.WriteAsync($"{i}/data", new StoreContent(content), Token), Token)).ToArray();
        var failed = 0;
        for (var i = 0; i < writes.Length; i++)
        {
            if (await Record.ExceptionAsync(() => writes[i]) is null)
            {
                Assert.Equal(content, await File.ReadAllBytesAsync(_directory.PathOf($"{i}/data"), Token));
                continue;
            }

            failed++;
            var e = await Assert.ThrowsAsync<StoreException>(() => writes[i]);
            Assert.Equal((StoreErrorKind.Full, $"{i}/data"), (e.Kind, e.Key));
        }

        Assert.InRange(failed, 20, 59);
        Assert.Equal(writes.Length - failed, _directory.Files().Length);
    }

    [Fact]
    public async Task A_disk_mounted_inside_is_flushed_file_by_file()
    {
        using var outer = new TemporaryStore();
        Directory.CreateDirectory(outer.PathOf("inside"));
        Assert.Equal(0, await TemporaryStore.RunAsync("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", outer.PathOf("inside")));
        try
        {
            var flushes = 0;
            var calls = new CountingCalls { OnFlushFileSystem = () => flushes++ };
            await using var store = new FileSystemStore(outer.Path, "", new StoreContext(), calls);
            await store.WriteAsync("beside/data", new StoreContent("x"u8.ToArray()), Token);
            Assert.Equal(2, flushes);
            await store.WriteAsync("inside/data", new StoreContent("x"u8.ToArray()), Token);
            Assert.Equal(2, flushes);
            Assert.Equal([outer.PathOf("inside")], calls.DirectoriesFlushed);
        }
        finally
        {
            Assert.Equal(0, await TemporaryStore.RunAsync("umount", "--lazy", outer.PathOf("inside")));
        }
    }

    [Fact]
    public async Task A_read_only_disk_is_named()
    {
        _directory.Put("a/data", "before");
        Assert.Equal(0, await TemporaryStore.RunAsync("mount", "-o", "remount,ro", _directory.Path));
        foreach (var key in new[] { "a/data", "a/new", "b/new" })
        {
            var e = await Assert.ThrowsAsync<StoreException>(() => _directory.Store.WriteAsync(key, new StoreContent("x"u8.ToArray()), Token));
            Assert.Equal(StoreErrorKind.ReadOnly, e.Kind);
        }

        Assert.Equal(StoreErrorKind.ReadOnly, (await Assert.ThrowsAsync<StoreException>(() => _directory.Store.DeleteAsync("a/data", Token))).Kind);
        Assert.Equal("before", await _directory.ReadAsync("a/data"));
    }
}
