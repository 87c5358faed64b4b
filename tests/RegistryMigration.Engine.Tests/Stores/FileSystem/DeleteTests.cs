using RegistryMigration.Engine.Stores;

namespace RegistryMigration.Engine.Tests.Stores.FileSystem;

public sealed class DeleteTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_delete_takes_the_emptied_directories_along(bool portable)
    {
        using var directory = new TemporaryStore(portable, TemporaryStore.Root);
        directory.Put("a/b/c/data");
        directory.Put("a/other");
        await directory.Store.DeleteAsync("a/b/c/data", Token);
        Assert.Equal(["a/other"], await directory.KeysAsync());
        Assert.False(Directory.Exists(directory.PathOf("a/b")));
        await directory.Store.DeleteAsync("a/other", Token);
        Assert.False(Directory.Exists(directory.PathOf("a")));
        Assert.True(Directory.Exists(directory.RootPath));
    }

    [Fact]
    public async Task Deleting_what_is_not_there_is_no_error()
    {
        using var directory = new TemporaryStore();
        directory.Put("dir/file");
        await directory.Store.DeleteAsync("missing/x", Token);
        await directory.Store.DeleteAsync("dir/file/below", Token);
        await directory.Store.DeleteAsync("dir", Token);
        Assert.Equal(["dir/file"], await directory.KeysAsync());
    }

    [Fact]
    public async Task A_link_is_deleted_and_not_its_target()
    {
        using var directory = new TemporaryStore();
        directory.Put("file");
        File.CreateSymbolicLink(directory.PathOf("link"), "file");
        await directory.Store.DeleteAsync("link", Token);
        Assert.Equal(["file"], await directory.KeysAsync());
        Assert.Empty(directory.Rejected);
    }

    [Fact]
    public async Task Writers_and_deleters_in_one_directory_do_not_trip_each_other()
    {
        using var directory = new TemporaryStore();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async worker =>
        {
            for (var i = 0; i < 40; i++)
            {
                await directory.Store.WriteAsync($"a/b/{worker}", new StoreContent("x"u8.ToArray()), Token);
                await directory.Store.DeleteAsync($"a/b/{worker}", Token);
            }
        }));
        Assert.Empty(directory.Files());
    }
}
