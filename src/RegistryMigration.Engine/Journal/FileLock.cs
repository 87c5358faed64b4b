using System.Text.Json;
using System.Text.Json.Serialization;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>The lock of a journal on this machine: an exclusive lock of the operating system that ends with its process, however that ends.</summary>
/// <remarks>
/// Nobody can read a file that is locked so, hence a second file (<c>.holder</c>) says who has it. Its token also stands in the lease of
/// the cluster: who gets this lock and finds the same token there knows that the lease's holder is gone, and need not wait.
/// </remarks>
public sealed class FileLock : IMigrationLock
{
    private readonly FileStream _stream;
    private readonly string _holderPath;

    private FileLock(FileStream stream, string holderPath, MigrationHolder holder, string token, string? previousToken)
    {
        _stream = stream;
        _holderPath = holderPath;
        Holder = holder;
        Token = token;
        PreviousToken = previousToken;
        StandingToken = previousToken;
    }

    /// <inheritdoc />
    public CancellationToken Lost => CancellationToken.None;

    /// <inheritdoc />
    public MigrationHolder Holder { get; }

    /// <summary>Drawn at random for this lock.</summary>
    public string Token { get; }

    /// <summary>The token that a session before may have left in the lease; null where none did.</summary>
    public string? PreviousToken { get; }

    /// <summary>The token of this machine that may stand in the lease when this lock is freed: the next one that takes the lock need not wait for it. Null where none does.</summary>
    public string? StandingToken { get; set; }

    /// <summary>Takes the lock of a journal.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.Locked"/>: another process has it; the message says who and since when.</exception>
    public static async Task<FileLock> TakeAsync(string journalPath, MigrationSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        JournalFile.MakeFolder(journalPath);
        var stream = await OpenAsync(journalPath, cancellationToken);
        try
        {
            var previous = await ReadAsync(journalPath, cancellationToken);
            var note = new HolderNote(session.Holder, session.Time.GetUtcNow(), Guid.NewGuid().ToString("n"));
            await WriteAsync(HolderPath(journalPath), note, cancellationToken);
            return new FileLock(stream, HolderPath(journalPath), new MigrationHolder(note.Holder, note.Since, null), note.Token, previous?.Token);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>Who has the lock of a journal; null where nobody does.</summary>
    public static async Task<MigrationHolder?> FindHolderAsync(string journalPath, CancellationToken cancellationToken)
    {
        try
        {
            // Opening shared fails while it is locked, and disturbs nobody for longer than this line.
            if (!File.Exists(LockPath(journalPath)))
                return null;
            await using var free = new FileStream(LockPath(journalPath), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (IOException)
        {
            var note = await ReadAsync(journalPath, cancellationToken);
            return new MigrationHolder(note?.Holder ?? "another process", note?.Since, null);
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <inheritdoc />
    /// <remarks>The lock's file stays: to delete it would let two processes lock two files of the same name.</remarks>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (StandingToken is { } token)
                await WriteAsync(_holderPath, new HolderNote(Holder.Name, Holder.Since ?? default, token), CancellationToken.None);
            else
                File.Delete(_holderPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JournalException)
        {
            // It only names the holder; the lock itself goes with the stream.
        }

        await _stream.DisposeAsync();
    }

    private static string LockPath(string journalPath) => journalPath + ".lock";

    private static string HolderPath(string journalPath) => journalPath + ".holder";

    private static async Task<FileStream> OpenAsync(string journalPath, CancellationToken cancellationToken)
    {
        try
        {
            return JournalFile.OpenOwn(LockPath(journalPath), FileMode.OpenOrCreate, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new JournalException($"The journal {journalPath} can't be locked: {e.Message} Fix the permissions, or give another place with -JournalPath.", e);
        }
        catch (IOException e)
        {
            var note = await ReadAsync(journalPath, cancellationToken);
            throw note is null
                ? new JournalException($"The journal {journalPath} can't be locked: {e.Message}", e)
                : new ClusterException(ClusterErrorKind.Locked, FormattableString.Invariant($"{note.Holder} works on this migration since {note.Since:u} (journal {journalPath}). Let it end, or stop that process; then run the same command again."), e) { Target = journalPath };
        }
    }

    private static async Task<HolderNote?> ReadAsync(string journalPath, CancellationToken cancellationToken)
    {
        try
        {
            return JsonSerializer.Deserialize(await File.ReadAllBytesAsync(HolderPath(journalPath), cancellationToken), HolderJson.Default.HolderNote);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private static async Task WriteAsync(string path, HolderNote note, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = JournalFile.OpenOwn(path, FileMode.Create, FileShare.Read);
            await JsonSerializer.SerializeAsync(stream, note, HolderJson.Default.HolderNote, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JournalException($"{path} can't be written: {e.Message} Free space or fix the permissions, or give another place with -JournalPath.", e);
        }
    }
}

/// <summary>Who has a lock.</summary>
internal sealed record HolderNote(string Holder, DateTimeOffset Since, string Token);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HolderNote))]
internal sealed partial class HolderJson : JsonSerializerContext;
