using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Stores.FileSystem;

/// <summary>What lies in a directory and is no file of the registry's: links, pipes, names without meaning.</summary>
public sealed class UnsafeEntriesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Links_to_directories_are_rejected_and_loops_end(bool portable)
    {
        using var directory = new TemporaryStore(portable);
        using var outside = new TemporaryStore();
        outside.Put("secret");
        directory.Put("a/file");
        Directory.CreateSymbolicLink(directory.PathOf("a/loop"), directory.Path);
        Directory.CreateSymbolicLink(directory.PathOf("inside"), directory.PathOf("a"));
        Directory.CreateSymbolicLink(directory.PathOf("out"), outside.Path);
        Assert.Equal(["a/file"], await directory.KeysAsync());
        Assert.Equal(["a/loop", "inside", "out"], directory.Rejected.Select(entry => entry.Name).Order());
        directory.Rejected.Clear();
        Assert.Empty(await directory.KeysAsync("out/"));
        Assert.Equal("out", Assert.Single(directory.Rejected).Name);
    }

    [Fact]
    public async Task A_link_to_a_file_counts_only_inside_the_root()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Links are followed on Linux only.");
        using var directory = new TemporaryStore(root: TemporaryStore.Root);
        directory.Put("file", "hello");
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "outside"), "secret", Token);
        File.CreateSymbolicLink(directory.PathOf("good"), "file");
        File.CreateSymbolicLink(directory.PathOf("out"), Path.Combine(directory.Path, "outside"));
        File.CreateSymbolicLink(directory.PathOf("chain"), "out");
        File.CreateSymbolicLink(directory.PathOf("dangling"), "nowhere");
        File.CreateSymbolicLink(directory.PathOf("self"), "self");
        Assert.Equal([("file", 5L), ("good", 5L)], (await directory.ListAsync()).Select(entry => (entry.Key, entry.Size)));
        Assert.Equal(["chain", "dangling", "out", "self"], directory.Rejected.Select(entry => entry.Name).Order());
        Assert.Equal("hello", await directory.ReadAsync("good"));
        Assert.Equal(5, (await directory.Store.StatAsync("good", Token))?.Size);
        foreach (var key in new[] { "chain", "dangling", "out", "self" })
        {
            Assert.Null(await directory.Store.StatAsync(key, Token));
            Assert.Equal(StoreErrorKind.InvalidKey, (await Assert.ThrowsAsync<StoreException>(() => directory.Store.ReadAsync(key, 0, null, Token))).Kind);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_is_read_written_or_deleted_through_a_linked_directory(bool portable)
    {
        using var directory = new TemporaryStore(portable);
        using var outside = new TemporaryStore();
        outside.Put("file", "secret");
        Directory.CreateSymbolicLink(directory.PathOf("out"), outside.Path);
        var store = directory.Store;
        Assert.Null(await store.StatAsync("out/file", Token));
        Func<Task>[] attempts =
        [
            () => store.ReadAsync("out/file", 0, null, Token),
            () => store.WriteAsync("out/file", new StoreContent("x"u8.ToArray()), Token),
            () => store.WriteAsync("out/new/file", new StoreContent("x"u8.ToArray()), Token),
            () => store.DeleteAsync("out/file", Token),
        ];
        foreach (var attempt in attempts)
            Assert.Equal(StoreErrorKind.InvalidKey, (await Assert.ThrowsAsync<StoreException>(attempt)).Kind);
        Assert.Equal("secret", await File.ReadAllTextAsync(outside.PathOf("file"), Token));
        Assert.Single(outside.Files());
    }

    [Fact]
    public async Task The_root_itself_may_be_a_link()
    {
        using var directory = new TemporaryStore();
        directory.Put("real/a", "hello");
        Directory.CreateSymbolicLink(directory.PathOf("link"), directory.PathOf("real"));
        var store = new Engine.Stores.FileSystem.FileSystemStore(directory.PathOf("link"), "", new StoreContext());
        Assert.Equal(5, (await store.StatAsync("a", Token))?.Size);
        Assert.Equal(WriteOutcome.Written, await store.WriteAsync("b/c", new StoreContent("x"u8.ToArray()), Token));
        Assert.True(File.Exists(directory.PathOf("real/b/c")));
    }

    [Fact]
    public async Task A_pipe_is_rejected_without_being_opened()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Pipes have names on Linux.");
        using var directory = new TemporaryStore();
        directory.Put("file");
        Assert.Equal(0, await TemporaryStore.RunAsync("mkfifo", directory.PathOf("pipe")));
        Assert.Equal(["file"], await directory.KeysAsync());
        Assert.Equal("pipe", Assert.Single(directory.Rejected).Name);
        Assert.Null(await directory.Store.StatAsync("pipe", Token));

        // Opening it would wait for a writer for ever.
        var read = Assert.ThrowsAsync<StoreException>(() => directory.Store.ReadAsync("pipe", 0, null, Token));
        Assert.Equal(StoreErrorKind.InvalidKey, (await read.WaitAsync(TimeSpan.FromSeconds(10), Token)).Kind);
        var write = Assert.ThrowsAsync<StoreException>(() => directory.Store.WriteAsync("pipe", new StoreContent("x"u8.ToArray()), Token));
        Assert.Equal(StoreErrorKind.Conflict, (await write.WaitAsync(TimeSpan.FromSeconds(10), Token)).Kind);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_name_that_is_no_utf8_is_rejected(bool portable)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Names are bytes on Linux.");
        using var directory = new TemporaryStore(portable);
        directory.Put("file");
        Assert.Equal(0, await TemporaryStore.RunAsync("sh", "-c", $"cd '{directory.Path}' && touch \"$(printf 'bad\\377')\" && mkdir \"$(printf 'dir\\200')\" && touch \"$(printf 'dir\\200')/x\""));
        var keys = await directory.KeysAsync();

        // .NET can't remove what it can't name.
        Assert.Equal(0, await TemporaryStore.RunAsync("find", directory.Path, "-mindepth", "1", "-delete"));
        Assert.Equal(["file"], keys);
        Assert.Equal(["bad\uFFFD", "dir\uFFFD"], directory.Rejected.Select(entry => entry.Name).Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Names_with_control_characters_and_too_long_keys_are_rejected(bool portable)
    {
        using var directory = new TemporaryStore(portable);
        directory.Put("a\nb");
        directory.Put("c\u001bd/x");
        var deep = string.Join('/', Enumerable.Repeat(new string('d', 200), 6));
        directory.Put(deep + "/file");
        directory.Put("fine");
        Assert.Equal(["fine"], await directory.KeysAsync());
        Assert.Equal(3, directory.Rejected.Count);
        Assert.Contains(new RejectedEntry("a\\u000Ab", "it has the control character U+000A"), directory.Rejected);
        Assert.DoesNotContain(directory.Rejected, entry => entry.Name.Any(char.IsControl));
    }
}
