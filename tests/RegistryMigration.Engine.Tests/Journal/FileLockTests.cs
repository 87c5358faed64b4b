using RegistryMigration.Engine.Journal;
using RegistryMigration.Engine.Tests.Journal.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Journal;

public sealed class FileLockTests : IDisposable
{
    private readonly JournalPlace _place = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _place.Dispose();

    [Fact]
    public async Task The_second_is_refused_with_the_name_of_the_first_and_since_when()
    {
        await using (await FileLock.TakeAsync(_place.Path, _place.Session, Token))
        {
            var error = await Assert.ThrowsAsync<ClusterException>(() => FileLock.TakeAsync(_place.Path, _place.Session with { User = "ben", ProcessId = 8 }, Token));
            Assert.Equal(ClusterErrorKind.Locked, error.Kind);
            Assert.Contains("anna@host1 7", error.Message, StringComparison.Ordinal);
            Assert.Contains("2026-03-01 12:00:00Z", error.Message, StringComparison.Ordinal);
            Assert.Equal("anna@host1 7", (await FileLock.FindHolderAsync(_place.Path, Token))!.Name);
        }

        Assert.Null(await FileLock.FindHolderAsync(_place.Path, Token));
        await using var next = await FileLock.TakeAsync(_place.Path, _place.Session, Token);
        Assert.Null(next.PreviousToken);
    }

    [Fact]
    public async Task A_session_that_died_is_known_by_its_token()
    {
        string token;
        var first = await FileLock.TakeAsync(_place.Path, _place.Session, Token);
        await using (first)
        {
            token = first.Token;
            File.Copy(_place.Path + ".holder", _place.Path + ".kept");
        }

        // What kill -9 leaves: no lock, and the name of who had it.
        File.Move(_place.Path + ".kept", _place.Path + ".holder");
        await using var next = await FileLock.TakeAsync(_place.Path, _place.Session, Token);

        Assert.Equal(token, next.PreviousToken);
        Assert.NotEqual(token, next.Token);
    }

    [Fact]
    public async Task A_lock_that_nobody_ever_took_has_no_holder() => Assert.Null(await FileLock.FindHolderAsync(_place.Path, Token));

    [Fact]
    public async Task A_note_that_was_cut_does_not_keep_anybody_out()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_place.Path)!);
        await File.WriteAllTextAsync(_place.Path + ".holder", "{\"hol", Token);

        await using var taken = await FileLock.TakeAsync(_place.Path, _place.Session, Token);

        Assert.Null(taken.PreviousToken);
    }
}
