using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Stores.FileSystem;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Stores.FileSystem;

public sealed class WriteTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Around the block of 128 KiB and the size from which room is reserved.</summary>
    public static TheoryData<int, bool> Sizes => new MatrixTheoryData<int, bool>([0, 1, 71, 131071, 131072, 131073, 1 << 20, 3_000_001], [false, true]);

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task What_is_written_is_read_again(int size, bool portable)
    {
        using var directory = new TemporaryStore(portable, TemporaryStore.Root);
        var bytes = Bytes(size);
        Assert.Equal(WriteOutcome.Written, await directory.Store.WriteAsync("streamed/data", Streamed(bytes), Token));
        Assert.Equal(WriteOutcome.Written, await directory.Store.WriteAsync("small/data", new StoreContent(bytes), Token));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(directory.PathOf("streamed/data"), Token));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(directory.PathOf("small/data"), Token));
        Assert.Equal(2, directory.Files().Length);
        Assert.Equal(2L * size, directory.Store.Traffic.BytesWritten);
        Assert.Equal(2, directory.Store.Traffic.Requests);
    }

    [Theory]
    [InlineData(100, 99)]
    [InlineData(100, 101)]
    [InlineData(500_000, 499_999)]
    [InlineData(500_000, 500_001)]
    [InlineData(131_072, 400_000)]
    [InlineData(0, 1)]
    public async Task Content_of_another_length_is_not_written(int declared, int real)
    {
        using var directory = new TemporaryStore();
        directory.Put("a/data", "before");
        var content = new StoreContent(declared, _ => ValueTask.FromResult<Stream>(new MemoryStream(Bytes(real))));
        var e = await Assert.ThrowsAsync<StoreException>(() => directory.Store.WriteAsync("a/data", content, Token));
        Assert.Equal(StoreErrorKind.Integrity, e.Kind);
        Assert.Equal("before", await directory.ReadAsync("a/data"));
        Assert.Single(directory.Files());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(300_000)]
    public async Task A_stream_that_fails_leaves_nothing(int after)
    {
        using var directory = new TemporaryStore();
        var content = new StoreContent(500_000, _ => ValueTask.FromResult<Stream>(new FailingStream(after)));
        var e = await Assert.ThrowsAsync<StoreException>(() => directory.Store.WriteAsync("a/data", content, Token));
        Assert.Equal("wrong digest", e.Message);
        Assert.Empty(directory.Files());
    }

    [Fact]
    public async Task A_failure_of_the_source_is_not_taken_for_one_of_the_disk()
    {
        using var directory = new TemporaryStore();
        var content = new StoreContent(10, _ => throw new IOException("source"));
        Assert.Equal("source", (await Assert.ThrowsAsync<IOException>(() => directory.Store.WriteAsync("a", content, Token))).Message);
    }

    [Fact]
    public async Task A_cancelled_write_leaves_nothing()
    {
        using var directory = new TemporaryStore();
        using var cancelled = new CancellationTokenSource();
        var content = new StoreContent(500_000, _ => ValueTask.FromResult<Stream>(new FailingStream(300_000, cancelled)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => directory.Store.WriteAsync("a/data", content, cancelled.Token));
        Assert.Empty(directory.Files());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task IfAbsent_leaves_what_is_there(bool portable)
    {
        using var directory = new TemporaryStore(portable);
        directory.Put("a/data", "before");
        Assert.Equal(WriteOutcome.AlreadyPresent, await directory.Store.WriteAsync("a/data", new StoreContent("after"u8.ToArray()) { IfAbsent = true }, Token));
        Assert.Equal("before", await directory.ReadAsync("a/data"));
        Assert.Equal(WriteOutcome.Written, await directory.Store.WriteAsync("a/data", new StoreContent("after"u8.ToArray()), Token));
        Assert.Equal("after", await directory.ReadAsync("a/data"));
        Assert.Single(directory.Files());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_many_conditional_writers_one_wins(bool portable)
    {
        using var directory = new TemporaryStore(portable);
        for (var round = 0; round < 10; round++)
        {
            var key = $"r/{round}/data";
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(i =>
                directory.Store.WriteAsync(key, new StoreContent(new byte[] { (byte)i }) { IfAbsent = true }, Token)));
            Assert.True(File.Exists(directory.PathOf(key)));

            // Without the link call a check and a rename is all there is, and two may both believe to have won.
            if (!portable)
                Assert.Single(outcomes, WriteOutcome.Written);
        }

        Assert.Equal(10, directory.Files().Length);
    }

    [Fact]
    public async Task A_reader_sees_one_whole_object_or_another()
    {
        using var directory = new TemporaryStore();
        var contents = Enumerable.Range(0, 4).Select(i => Enumerable.Repeat((byte)i, 200_000 + i).ToArray()).ToArray();
        await directory.Store.WriteAsync("a/data", Streamed(contents[0]), Token);
        using var done = new CancellationTokenSource();
        var reading = Task.Run(
            async () =>
            {
                var seen = 0;
                while (!done.IsCancellationRequested)
                {
                    await using var reader = await directory.Store.ReadAsync("a/data", 0, null, Token);
                    var copy = new MemoryStream();
                    await reader.Content.CopyToAsync(copy, Token);
                    Assert.Contains(copy.ToArray(), contents);
                    Assert.Equal(reader.Length, copy.Length);
                    seen++;
                }

                return seen;
            },
            Token);
        await Task.WhenAll(contents.Select(async content =>
        {
            for (var i = 0; i < 25; i++)
                await directory.Store.WriteAsync("a/data", Streamed(content), Token);
        }));
        await done.CancelAsync();
        Assert.True(await reading > 0);
        Assert.Single(directory.Files());
    }

    [Fact]
    public async Task New_directories_and_names_are_flushed_before_a_write_returns()
    {
        using var directory = new TemporaryStore(root: "r/");
        var calls = new CountingCalls();
        var store = new FileSystemStore(directory.Path, "r/", new StoreContext(), calls);
        await store.WriteAsync("a/b/data", new StoreContent("x"u8.ToArray()), Token);
        Assert.Equal(["", "r/a/b", "r/a", "r"], Flushed());
        await store.WriteAsync("a/b/link", new StoreContent("x"u8.ToArray()), Token);
        Assert.Equal(["r/a/b"], Flushed());

        string[] Flushed()
        {
            var paths = calls.DirectoriesFlushed.Select(path => path[directory.Path.Length..].TrimStart('/')).ToArray();
            calls.DirectoriesFlushed.Clear();
            return paths;
        }
    }

    [Fact]
    public async Task Directories_may_vanish_between_writes()
    {
        using var directory = new TemporaryStore();
        await directory.Store.WriteAsync("a/b/c/one", new StoreContent("x"u8.ToArray()), Token);
        Directory.Delete(directory.PathOf("a"), recursive: true);
        await directory.Store.WriteAsync("a/b/c/two", new StoreContent("x"u8.ToArray()), Token);
        Assert.Equal(["a/b/c/two"], await directory.KeysAsync());
    }

    [Theory]
    [InlineData("file/below", StoreErrorKind.Conflict)]
    [InlineData("file/deep/below", StoreErrorKind.Conflict)]
    [InlineData("dir", StoreErrorKind.Conflict)]
    [InlineData("a/../b", StoreErrorKind.InvalidKey)]
    [InlineData("/etc/passwd", StoreErrorKind.InvalidKey)]
    [InlineData("a/.rm-0123456789abcdef0123456789abcdef.tmp", StoreErrorKind.InvalidKey)]
    public async Task What_a_directory_cannot_hold_gets_a_clear_error(string key, StoreErrorKind kind)
    {
        using var directory = new TemporaryStore();
        directory.Put("file");
        directory.Put("dir/file");
        var e = await Assert.ThrowsAsync<StoreException>(() => directory.Store.WriteAsync(key, new StoreContent("x"u8.ToArray()), Token));
        Assert.Equal(kind, e.Kind);
        Assert.Equal(key, e.Key);
        Assert.Equal(directory.Store.Name, e.Store);
        Assert.Equal(2, directory.Files().Length);
    }

    [Fact]
    public async Task The_longest_key_is_written_listed_and_read()
    {
        using var directory = new TemporaryStore();
        var key = string.Join('/', new string('a', 255), new string('b', 255), new string('é', 127) + "c", new string('d', 254), "e");
        Assert.Null(KeyRules.Problem(key));
        await directory.Store.WriteAsync(key, new StoreContent("x"u8.ToArray()), Token);
        Assert.Equal([key], await directory.KeysAsync());
        Assert.Equal("x", await directory.ReadAsync(key));
    }

    [Fact]
    public async Task A_store_that_is_not_there_is_made_only_when_asked()
    {
        using var parent = new TemporaryStore();
        var store = new FileSystemStore(Path.Combine(parent.Path, "new/store"), "r/", new StoreContext());
        var e = await Assert.ThrowsAsync<StoreException>(() => store.WriteAsync("a", new StoreContent("x"u8.ToArray()), Token));
        Assert.Equal(StoreErrorKind.NotFound, e.Kind);
        Assert.True(await store.InitializeAsync(new Dictionary<string, string>(), Token));
        Assert.False(await store.InitializeAsync(new Dictionary<string, string>(), Token));
        Assert.Equal(WriteOutcome.Written, await store.WriteAsync("a", new StoreContent("x"u8.ToArray()), Token));
    }

    private static byte[] Bytes(int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return bytes;
    }

    private static StoreContent Streamed(byte[] bytes) => new(bytes.Length, _ => ValueTask.FromResult<Stream>(new TrickleStream(bytes)));

    /// <summary>Gives at most 10,000 bytes at a time, as a network does.</summary>
    private sealed class TrickleStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 10_000)], cancellationToken);
    }

    /// <summary>Fails, or cancels, after a number of bytes.</summary>
    private sealed class FailingStream(int after, CancellationTokenSource? cancel = null) : MemoryStream(new byte[after])
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position < Length)
                return await base.ReadAsync(buffer, cancellationToken);
            if (cancel is null)
                throw new StoreException(StoreErrorKind.Integrity, "wrong digest");
            await cancel.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return 0;
        }
    }
}
