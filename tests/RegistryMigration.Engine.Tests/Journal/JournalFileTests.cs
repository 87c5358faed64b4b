using RegistryMigration.Engine.Journal;
using RegistryMigration.Engine.Tests.Journal.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Journal;

public sealed class JournalFileTests : IDisposable
{
    private readonly JournalPlace _place = new();
    private readonly World _world = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _place.Dispose();

    private async Task<byte[]> WriteAsync()
    {
        await using (var run = await _place.CreateAsync(withCopy: false))
        {
            await run.RunAsync(_world.Step("readOnly", "true"), Token);
            await run.RecordPassAsync(new MigrationPass { Source = "/old", Destination = "s3://new", CopiedBytes = 5 }, Token);
        }

        return await File.ReadAllBytesAsync(_place.Path, Token);
    }

    [Fact]
    public async Task Torn_anywhere_the_whole_records_before_are_kept_and_the_rest_is_put_aside()
    {
        var whole = await WriteAsync();
        var ends = Enumerable.Range(0, whole.Length).Where(i => whole[i] == '\n').ToList();
        Assert.Equal(4, ends.Count);
        for (var length = ends[0] + 1; length <= whole.Length; length++)
        {
            await File.WriteAllBytesAsync(_place.Path, whole[..length], Token);
            File.Delete(_place.Path + ".torn");
            var complete = ends.Count(end => end < length);
            await using (var run = await _place.OpenAsync(withCopy: false))
            {
                Assert.Equal(complete, run.Info.Sequence);
                Assert.Equal(length != ends[complete - 1] + 1, File.Exists(_place.Path + ".torn"));
                // Usable at once: the next record takes the place of the torn one.
                await run.RunAsync(_world.Step("storage", "swift"), Token);
            }

            var kept = await JournalFile.ReadAsync(_place.Path, Token);
            Assert.Equal(complete + 2, kept.Records.Count);
            Assert.Empty(kept.Torn);
        }
    }

    [Fact]
    public async Task Torn_in_its_first_record_there_is_no_migration()
    {
        var whole = await WriteAsync();
        await File.WriteAllBytesAsync(_place.Path, whole[..20], Token);

        var error = await Assert.ThrowsAsync<ClusterException>(() => _place.OpenAsync(withCopy: false));

        Assert.Equal(ClusterErrorKind.NotFound, error.Kind);
        Assert.Equal(20, (await File.ReadAllBytesAsync(_place.Path, Token)).Length);
    }

    [Fact]
    public async Task A_last_block_that_the_disk_lost_counts_as_torn()
    {
        var whole = await WriteAsync();
        var last = Array.LastIndexOf(whole, (byte)'\n', whole.Length - 2) + 1;
        whole.AsSpan(last, 10).Clear();
        await File.WriteAllBytesAsync(_place.Path, whole, Token);

        await using var run = await _place.OpenAsync(withCopy: false);

        Assert.Equal(3, run.Info.Sequence);
        Assert.Contains(_place.Notices, notice => notice.Contains(".torn", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Damage_before_the_end_is_refused_and_nothing_is_changed()
    {
        var whole = await WriteAsync();
        whole[Array.IndexOf(whole, (byte)'\n') + 3] = 0;
        await File.WriteAllBytesAsync(_place.Path, whole, Token);

        var error = await Assert.ThrowsAsync<JournalException>(() => _place.OpenAsync(withCopy: false));

        Assert.Contains("Line 2", error.Message, StringComparison.Ordinal);
        Assert.Equal(whole, await File.ReadAllBytesAsync(_place.Path, Token));
    }

    [Fact]
    public async Task Records_out_of_order_are_damage()
    {
        var lines = await File.ReadAllLinesAsync(await PathOfWrittenAsync(), Token);
        await File.WriteAllLinesAsync(_place.Path, [lines[0], lines[2], lines[1]], Token);

        await Assert.ThrowsAsync<JournalException>(() => _place.OpenAsync(withCopy: false));
    }

    [Theory]
    [InlineData("\"format\":1", "\"format\":2", "format 2")]
    [InlineData("\"kind\":\"Pass\"", "\"kind\":\"Later\"", "'Later'")]
    public async Task A_newer_format_is_named(string now, string later, string said)
    {
        var text = await File.ReadAllTextAsync(await PathOfWrittenAsync(), Token);
        Assert.Contains(now, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(_place.Path, text.Replace(now, later, StringComparison.Ordinal), Token);

        var error = await Assert.ThrowsAsync<JournalException>(() => _place.OpenAsync(withCopy: false));

        Assert.Contains("newer version", error.Message, StringComparison.Ordinal);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_its_owner_can_read_it()
    {
        // Windows has no modes.
        if (OperatingSystem.IsWindows())
            return;
        await WriteAsync();
        await File.AppendAllTextAsync(_place.Path, "{torn", Token);
        await using (await _place.OpenAsync(withCopy: false))
        {
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_place.Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_place.Path + ".torn"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(_place.Path)!));
    }

    [Fact]
    public async Task It_is_not_made_over_another_one()
    {
        await WriteAsync();

        await Assert.ThrowsAsync<JournalException>(() => _place.CreateAsync());

        Assert.Null(_place.Copy.Snapshot);
    }

    [Fact]
    public async Task A_place_that_can_not_be_written_is_named()
    {
        await File.WriteAllTextAsync(Path.GetDirectoryName(_place.Path)!, "a file where the folder should be", Token);

        var error = await Assert.ThrowsAsync<JournalException>(() => _place.CreateAsync());

        Assert.Contains("-JournalPath", error.Message, StringComparison.Ordinal);
    }

    private async Task<string> PathOfWrittenAsync()
    {
        await WriteAsync();
        return _place.Path;
    }
}
