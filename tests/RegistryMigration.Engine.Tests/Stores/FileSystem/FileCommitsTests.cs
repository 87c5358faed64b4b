using System.Collections.Concurrent;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Stores.FileSystem;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Stores.FileSystem;

/// <summary>Files that become durable together.</summary>
public sealed class FileCommitsTests : IDisposable
{
    private readonly TemporaryStore _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_name_waits_for_a_flush_and_a_writer_for_another()
    {
        using var flushes = new Flushes();
        await using var store = Open(flushes.Pass);
        var written = store.WriteAsync("a/b/data", Content("x"), Token);
        await flushes.StartAsync();
        Assert.False(File.Exists(_directory.PathOf("a/b/data")));
        flushes.End();
        await flushes.StartAsync();
        Assert.True(File.Exists(_directory.PathOf("a/b/data")));
        Assert.False(written.IsCompleted);
        flushes.End();
        Assert.Equal(WriteOutcome.Written, await written);
        Assert.Single(_directory.Files());
    }

    [Fact]
    public async Task What_is_written_during_a_flush_shares_the_next_one()
    {
        using var flushes = new Flushes();
        await using var store = Open(flushes.Pass);
        var first = store.WriteAsync("first", Content("x"), Token);
        await flushes.StartAsync();
        var others = await WriteManyAsync(store, 200);
        flushes.End(3);
        Assert.All(await Task.WhenAll([first, .. others]), outcome => Assert.Equal(WriteOutcome.Written, outcome));
        Assert.Equal(3, flushes.Count);
        Assert.Equal(201, _directory.Files().Length);
    }

    [Fact]
    public async Task A_flush_that_fails_is_made_good_file_by_file()
    {
        var calls = new CountingCalls { OnFlushFileSystem = () => throw new IOException("I/O error", 5) };
        await using var store = new FileSystemStore(_directory.Path, "", new StoreContext(), calls);
        Assert.Equal(WriteOutcome.Written, await store.WriteAsync("a/b/data", Content("x"), Token));
        Assert.Equal([_directory.PathOf("a/b"), _directory.PathOf("a"), _directory.Path], calls.DirectoriesFlushed.Select(path => path.TrimEnd('/')));
        Assert.Equal("x", await _directory.ReadAsync("a/b/data"));
    }

    [Fact]
    public async Task Directories_are_not_flushed_again_after_everything_was()
    {
        var fail = false;
        var calls = new CountingCalls { OnFlushFileSystem = () => _ = fail ? throw new IOException("I/O error", 5) : 0 };
        await using var store = new FileSystemStore(_directory.Path, "", new StoreContext(), calls);
        await store.WriteAsync("a/b/data", Content("x"), Token);
        Assert.Empty(calls.DirectoriesFlushed);
        fail = true;
        await store.WriteAsync("a/b/link", Content("x"), Token);
        Assert.Equal([_directory.PathOf("a/b")], calls.DirectoriesFlushed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Only_the_file_that_fails_is_reported(bool flushFails)
    {
        using var flushes = new Flushes { Failure = flushFails ? new IOException("I/O error", 5) : null };
        await using var store = Open(flushes.Pass);
        var first = store.WriteAsync("first", Content("x"), Token);
        await flushes.StartAsync();
        var others = await WriteManyAsync(store, 20);
        Directory.CreateDirectory(_directory.PathOf("many/7/data"));
        flushes.End(3);
        await first;
        for (var i = 0; i < others.Count; i++)
        {
            if (i != 7)
                Assert.Equal(WriteOutcome.Written, await others[i]);
        }

        var e = await Assert.ThrowsAsync<StoreException>(() => others[7]);
        Assert.Equal((StoreErrorKind.Conflict, "many/7/data"), (e.Kind, e.Key));
        Assert.Equal(20, _directory.Files().Length);
    }

    [Fact]
    public async Task Of_conditional_writers_in_one_group_one_wins()
    {
        using var flushes = new Flushes();
        await using var store = Open(flushes.Pass);
        var first = store.WriteAsync("first", Content("x"), Token);
        await flushes.StartAsync();
        var others = Enumerable.Range(0, 8).Select(i => store.WriteAsync("same", new StoreContent(new[] { (byte)i }) { IfAbsent = true }, Token)).ToArray();
        await UntilAsync(() => _directory.Files().Length == 9);
        flushes.End(3);
        await first;
        Assert.Single(await Task.WhenAll(others), WriteOutcome.Written);
        Assert.Equal(2, _directory.Files().Length);
    }

    [Fact]
    public async Task Content_is_said_to_be_taken_once_it_only_waits()
    {
        using var flushes = new Flushes();
        await using var store = Open(flushes.Pass);
        var taken = 0;
        var written = store.WriteAsync("a", new StoreContent("x"u8.ToArray()) { Taken = () => taken++ }, Token);
        await flushes.StartAsync();
        Assert.Equal(1, taken);
        flushes.End(2);
        await written;
        Assert.Equal(1, taken);
    }

    /// <summary>On the disk itself, whatever it offers: every write is whole, and none is lost between groups.</summary>
    [Fact]
    public async Task Many_writers_at_once_all_end()
    {
        var contents = new ConcurrentDictionary<string, string>();
        await Parallel.ForAsync(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 200, CancellationToken = Token }, async (i, token) =>
        {
            var key = $"{i % 16:x}/{i}/data";
            contents[key] = $"content {i}";
            Assert.Equal(WriteOutcome.Written, await _directory.Store.WriteAsync(key, new StoreContent(System.Text.Encoding.ASCII.GetBytes(contents[key])) { IfAbsent = i % 2 == 0 }, token));
            Assert.Equal(contents[key], await File.ReadAllTextAsync(_directory.PathOf(key), token));
        });
        Assert.Equal(contents.Keys.Order(StringComparer.Ordinal), await _directory.KeysAsync());
        Assert.Equal(2000, _directory.Files().Length);
    }

    private FileSystemStore Open(Action flush) => new(_directory.Path, "", new StoreContext(), new CountingCalls { OnFlushFileSystem = flush });

    private async Task<List<Task<WriteOutcome>>> WriteManyAsync(FileSystemStore store, int count)
    {
        var before = _directory.Files().Length;
        var writes = Enumerable.Range(0, count).Select(i => store.WriteAsync($"many/{i}/data", Content("x"), Token)).ToList();
        await UntilAsync(() => _directory.Files().Length == before + count);
        return writes;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
    }

    private static StoreContent Content(string text) => new(System.Text.Encoding.ASCII.GetBytes(text));

    /// <summary>Flushes that start and end when the test says so.</summary>
    private sealed class Flushes : IDisposable
    {
        private readonly SemaphoreSlim _started = new(0);
        private readonly SemaphoreSlim _mayEnd = new(0);
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public IOException? Failure { get; init; }

        public void Pass()
        {
            Interlocked.Increment(ref _count);
            _started.Release();
            _mayEnd.Wait(Token);
            if (Failure is not null)
                throw Failure;
        }

        public Task StartAsync() => _started.WaitAsync(Token);

        public void End(int flushes = 1) => _mayEnd.Release(flushes);

        public void Dispose()
        {
            _started.Dispose();
            _mayEnd.Dispose();
        }
    }
}
