using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Stores.FileSystem;

namespace RegistryMigration.Engine.Tests.Stores.FileSystem;

public sealed class TemporaryFilesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(".rm-0123456789abcdef0123456789abcdef.tmp", true)]
    [InlineData(".rm-0123456789ABCDEF0123456789abcdef.tmp", false)]
    [InlineData(".rm-0123456789abcdef0123456789abcde.tmp", false)]
    [InlineData("x.rm-0123456789abcdef0123456789abcdef.tmp", false)]
    [InlineData(".rm-.tmp", false)]
    public void Only_the_exact_pattern_is_ours(string name, bool ours) => Assert.Equal(ours, TemporaryFiles.IsOurs(name));

    [Fact]
    public void A_new_name_is_ours() => Assert.True(TemporaryFiles.IsOurs(TemporaryFiles.NewName()));

    [Fact]
    public async Task A_write_after_a_listing_removes_what_a_killed_run_left()
    {
        using var directory = new TemporaryStore();
        var old = Put(directory, hours: 2);
        var young = Put(directory, hours: 0);
        var locked = Put(directory, hours: 2);
        await using (new FileStream(locked, FileMode.Open, FileAccess.Write, FileShare.None))
        {
            File.SetLastWriteTimeUtc(locked, Ago(2));
            await directory.KeysAsync();
            Assert.True(File.Exists(old), "A listing removes nothing.");
            await directory.Store.WriteAsync("a/data", new StoreContent("x"u8.ToArray()), Token);
        }

        Assert.False(File.Exists(old));
        Assert.True(File.Exists(young));
        Assert.True(File.Exists(locked));
    }

    [Fact]
    public async Task A_file_that_is_being_written_is_locked_and_never_listed()
    {
        using var directory = new TemporaryStore();
        var content = new StoreContent(500_000, _ => ValueTask.FromResult<Stream>(new LookingStream(directory)));
        await directory.Store.WriteAsync("a/data", content, Token);
        Assert.Equal(["a/data"], await directory.KeysAsync());
    }

    private static DateTime Ago(int hours) => TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-hours);

    private static string Put(TemporaryStore directory, int hours)
    {
        var key = "a/" + TemporaryFiles.NewName();
        directory.Put(key);
        File.SetLastWriteTimeUtc(directory.PathOf(key), Ago(hours));
        return directory.PathOf(key);
    }

    /// <summary>Looks at the directory from its middle.</summary>
    private sealed class LookingStream(TemporaryStore directory) : MemoryStream(new byte[500_000])
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position > 200_000)
            {
                var unfinished = Assert.Single(directory.Files());
                Assert.True(TemporaryFiles.IsOurs(Path.GetFileName(unfinished)));
                Assert.Throws<IOException>(() => File.OpenHandle(unfinished, FileMode.Open, FileAccess.ReadWrite, FileShare.None));
                Assert.Empty(await directory.KeysAsync());
            }

            return await base.ReadAsync(buffer, cancellationToken);
        }
    }
}
