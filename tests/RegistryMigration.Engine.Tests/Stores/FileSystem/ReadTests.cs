using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Stores.FileSystem;

public sealed class ReadTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_read_starts_where_it_is_told_and_is_counted(bool portable)
    {
        using var directory = new TemporaryStore(portable);
        directory.Put("a/data", "0123456789");
        await using var reader = await directory.Store.ReadAsync("a/data", 4, null, Token);
        using var text = new StreamReader(reader.Content);
        Assert.Equal("456789", await text.ReadToEndAsync(Token));
        Assert.Equal(10, reader.Length);
        Assert.Equal(6, directory.Store.Traffic.BytesRead);
        Assert.Equal(1, directory.Store.Traffic.Requests);
    }

    [Fact]
    public async Task A_sparse_file_above_four_gibibytes_is_read_from_an_offset()
    {
        using var directory = new TemporaryStore();
        const long size = (5L << 30) + 7;
        await using (var file = File.Create(directory.PathOf("big")))
        {
            file.SetLength(size);
            file.Position = size - 4;
            await file.WriteAsync("tail"u8.ToArray(), Token);
        }

        Assert.Equal(size, Assert.Single(await directory.ListAsync()).Size);
        await using var reader = await directory.Store.ReadAsync("big", size - 6, null, Token);
        var copy = new MemoryStream();
        await reader.Content.CopyToAsync(copy, Token);
        Assert.Equal("\0\0tail"u8.ToArray(), copy.ToArray());
        Assert.Equal(size, reader.Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_read_that_goes_on_notices_another_file(bool portable)
    {
        using var directory = new TemporaryStore(portable);
        directory.Put("a", "first content");
        string? version;
        await using (var reader = await directory.Store.ReadAsync("a", 0, null, Token))
            version = reader.Version;
        await using (await directory.Store.ReadAsync("a", 5, version, Token))
        {
            // Unchanged: goes on.
        }

        File.SetLastWriteTimeUtc(directory.PathOf("a"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var e = await Assert.ThrowsAsync<StoreException>(() => directory.Store.ReadAsync("a", 5, version, Token));
        Assert.Equal(StoreErrorKind.Changed, e.Kind);
        directory.Put("a", "another length");
        Assert.Equal(StoreErrorKind.Changed, (await Assert.ThrowsAsync<StoreException>(() => directory.Store.ReadAsync("a", 5, version, Token))).Kind);
    }

    [Fact]
    public async Task A_replaced_file_with_the_same_size_and_time_is_another_one()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Inodes are compared on Linux.");
        using var directory = new TemporaryStore();
        directory.Put("a", "same size");
        await using var reader = await directory.Store.ReadAsync("a", 0, null, Token);
        directory.Put("b", "size same");
        File.SetLastWriteTimeUtc(directory.PathOf("b"), File.GetLastWriteTimeUtc(directory.PathOf("a")));
        File.Move(directory.PathOf("b"), directory.PathOf("a"), overwrite: true);
        Assert.Equal(StoreErrorKind.Changed, (await Assert.ThrowsAsync<StoreException>(() => directory.Store.ReadAsync("a", 1, reader.Version, Token))).Kind);
        using var text = new StreamReader(reader.Content);
        Assert.Equal("same size", await text.ReadToEndAsync(Token));
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("missing/too")]
    [InlineData("file/below")]
    [InlineData("dir")]
    public async Task What_is_no_file_is_not_found(string key)
    {
        using var directory = new TemporaryStore();
        directory.Put("file");
        directory.Put("dir/file");
        Assert.Null(await directory.Store.StatAsync(key, Token));
        Assert.Equal(StoreErrorKind.NotFound, (await Assert.ThrowsAsync<StoreException>(() => directory.Store.ReadAsync(key, 0, null, Token))).Kind);
    }

    [Fact]
    public async Task A_file_that_is_cut_while_it_is_read_ends_early()
    {
        using var directory = new TemporaryStore();
        directory.Put("a", new string('x', 1000));
        await using var reader = await directory.Store.ReadAsync("a", 0, null, Token);
        var buffer = new byte[100];
        Assert.Equal(100, await reader.Content.ReadAsync(buffer, Token));
        await using (var file = new FileStream(directory.PathOf("a"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(150);
        Assert.Equal(50, await reader.Content.ReadAsync(buffer, Token));
        Assert.Equal(0, await reader.Content.ReadAsync(buffer, Token));
    }
}
