using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Stores.FileSystem;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Stores.FileSystem;

public sealed class ListingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Entries_have_key_size_and_time_below_the_root(bool portable)
    {
        using var directory = new TemporaryStore(portable, TemporaryStore.Root);
        directory.Put("blobs/sha256/4f/data", "hello");
        File.SetLastWriteTimeUtc(directory.PathOf("blobs/sha256/4f/data"), new DateTime(2024, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "beside"), "not below the root", Token);
        Assert.Equal([new StoreEntry("blobs/sha256/4f/data", 5, null, new DateTimeOffset(2024, 2, 3, 4, 5, 6, TimeSpan.Zero))], await directory.ListAsync());
    }

    [Theory]
    [InlineData("", "a-b,a/x,a/y/z,a0,b/c")]
    [InlineData("a", "a-b,a/x,a/y/z,a0")]
    [InlineData("a/", "a/x,a/y/z")]
    [InlineData("a/y", "a/y/z")]
    [InlineData("a/y/", "a/y/z")]
    [InlineData("a/x", "a/x")]
    [InlineData("a/x/", "")]
    [InlineData("c/d/e", "")]
    [InlineData("../", "")]
    [InlineData("../a", "")]
    [InlineData("/a", "")]
    [InlineData("a//", "")]
    public async Task A_prefix_is_any_text(string prefix, string keys)
    {
        using var directory = new TemporaryStore();
        foreach (var key in new[] { "a-b", "a/x", "a/y/z", "a0", "b/c" })
            directory.Put(key);
        Assert.Equal(keys, string.Join(',', await directory.KeysAsync(prefix)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)] // from here on files are looked at one by one, when their turn comes
    [InlineData(700)] // more names than one call returns
    public async Task Sizes_and_times_do_not_depend_on_how_many_files_lie_together(int files)
    {
        using var directory = new TemporaryStore();
        var expected = new List<StoreEntry>();
        for (var i = 0; i < files; i++)
        {
            var key = $"a/{i:d3}";
            directory.Put(key, new string('x', i));
            var time = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(i);
            File.SetLastWriteTimeUtc(directory.PathOf(key), time);
            expected.Add(new StoreEntry(key, i, null, time));
        }

        directory.Put("a/b/c");
        Assert.Equal(expected, (await directory.ListAsync()).Where(entry => entry.Key != "a/b/c"));
    }

    [Fact]
    public async Task A_prefix_reads_no_directory_beside_it()
    {
        using var directory = new TemporaryStore();
        directory.Put("blobs/sha256/4f/x");
        directory.Put("blobs/sha256/5a/x");
        var calls = new CountingCalls();
        var store = new FileSystemStore(directory.Path, "", new StoreContext(), calls);
        await foreach (var page in store.ListAsync("blobs/sha256/4", null, Token))
            Assert.Equal("blobs/sha256/4f/x", Assert.Single(page.ToArray()).Key);
        Assert.Equal(["blobs/sha256", "blobs/sha256/4f"], calls.DirectoriesRead.Select(path => Path.GetRelativePath(directory.Path, path).TrimEnd('/')));
    }

    [Fact]
    public async Task A_large_directory_is_read_once_and_comes_in_pages()
    {
        using var directory = new TemporaryStore();
        var expected = Enumerable.Range(0, 3500).Select(i => $"d/{i:x8}").ToList();
        Directory.CreateDirectory(directory.PathOf("d"));
        foreach (var key in expected)
            await File.Create(directory.PathOf(key)).DisposeAsync();
        var calls = new CountingCalls();
        var pages = new List<int>();
        await foreach (var page in new FileSystemStore(directory.Path, "", new StoreContext(), calls).ListAsync("d/", null, Token))
            pages.Add(page.Length);
        Assert.Equal([1000, 1000, 1000, 500], pages);
        Assert.Single(calls.DirectoriesRead);
        Assert.Equal(expected, await directory.KeysAsync());
    }

    [Fact]
    public async Task A_missing_root_or_prefix_is_empty_and_a_missing_store_is_an_error()
    {
        using var directory = new TemporaryStore(root: TemporaryStore.Root);
        Assert.Empty(await directory.KeysAsync());
        var store = new FileSystemStore(Path.Combine(directory.Path, "unmounted"), "", new StoreContext());
        var e = await Assert.ThrowsAsync<StoreException>(async () => await store.ListAsync("", null, Token).GetAsyncEnumerator(Token).MoveNextAsync());
        Assert.Equal(StoreErrorKind.NotFound, e.Kind);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Directories_that_vanish_are_passed_over(bool portable)
    {
        using var directory = new TemporaryStore(portable);
        directory.Put("a/1");
        for (var i = 0; i < 1500; i++)
            directory.Put($"b/{i:d4}/x");
        directory.Put("c/1");
        var keys = new List<string>();
        await foreach (var page in directory.Store.ListAsync("", null, Token))
        {
            keys.AddRange(page.ToArray().Select(entry => entry.Key));
            if (Directory.Exists(directory.PathOf("b")))
                Directory.Delete(directory.PathOf("b"), recursive: true);
        }

        Assert.Equal(1001, keys.Count);
        Assert.Equal("c/1", keys[^1]);
    }

    [Theory]
    [InlineData("b", "a/1", true)]
    [InlineData("a/lost+found", "a/1", true)]
    [InlineData("lost+found", "a/1", false)]
    public void A_directory_that_cannot_be_read_ends_the_listing(string closed, string open, bool fails)
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Rights are taken away with the means of Linux.");
            return;
        }

        const UnixFileMode usual = (UnixFileMode)0b111_101_101;
        using var directory = new TemporaryStore();
        directory.Put(open);
        directory.Put(closed + "/1");
        File.SetUnixFileMode(directory.Path, usual);
        File.SetUnixFileMode(directory.PathOf(closed), UnixFileMode.None);
        var calls = FileCalls.Default;
        var walk = new TreeWalk(calls, new StoreDirectories(calls, directory.Path, ""), new LinkResolver(calls, directory.Path), null, "store", "", directory.Rejected.Add);
        var keys = Array.Empty<string>();
        Exception? failure = null;
        Unprivileged.Run(() => failure = Record.Exception(() =>
        {
            walk.Start();
            keys = [.. walk.NextPage(CancellationToken.None).ToArray().Select(entry => entry.Key)];
        }));
        File.SetUnixFileMode(directory.PathOf(closed), usual);
        if (fails)
        {
            Assert.Equal(StoreErrorKind.Denied, Assert.IsType<StoreException>(failure).Kind);
            Assert.Contains($"'{closed}/'", failure.Message, StringComparison.Ordinal);
        }
        else
        {
            Assert.Null(failure);
            Assert.Equal([open], keys);
            Assert.Equal(closed + "/", Assert.Single(directory.Rejected).Name);
        }
    }

    [Fact]
    public async Task Unfinished_files_are_never_listed()
    {
        using var directory = new TemporaryStore();
        directory.Put("a/" + TemporaryFiles.NewName());
        directory.Put("a/.rm-short.tmp");
        Assert.Equal(["a/.rm-short.tmp"], await directory.KeysAsync());
        Assert.Empty(directory.Rejected);
    }

    [Fact]
    public async Task Cancelling_ends_a_listing()
    {
        using var directory = new TemporaryStore();
        directory.Put("a");
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await directory.Store.ListAsync("", null, cancelled.Token).GetAsyncEnumerator(cancelled.Token).MoveNextAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Prefixes_are_those_with_something_below(bool portable)
    {
        using var directory = new TemporaryStore(portable);
        foreach (var key in new[] { "r/a/x/y", "r/a-b/z", "r/a0/z", "r/file" })
            directory.Put(key);
        Directory.CreateDirectory(directory.PathOf("r/empty/also-empty"));
        Assert.Equal(["r/a-b/", "r/a/", "r/a0/"], await directory.Store.ListPrefixesAsync("r/", Token));
        Assert.Equal(["r/"], await directory.Store.ListPrefixesAsync("", Token));
        Assert.Empty(await directory.Store.ListPrefixesAsync("missing/", Token));
    }
}
