using Microsoft.Win32.SafeHandles;
using RegistryMigration.Engine.Stores.FileSystem;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>Where a journal's lines go on this machine.</summary>
internal interface IJournalFile : IDisposable
{
    /// <summary>The path.</summary>
    string Path { get; }

    /// <summary>Adds a line; durable when it returns.</summary>
    /// <exception cref="JournalException">The disk is full or gone; the line is not there, or is torn and will be recognised.</exception>
    Task AppendAsync(JournalRecord record, CancellationToken cancellationToken);

    /// <summary>Takes the last line back that this object has added: what it announced does not happen.</summary>
    void TakeBack();
}

/// <summary>A journal on disk: lines of JSON that are only added, each flushed before anybody relies on it. Readable by its owner only.</summary>
/// <remarks>That nobody else writes meanwhile is the business of <see cref="FileLock"/>.</remarks>
internal sealed class JournalFile : IJournalFile
{
    private readonly SafeFileHandle _handle;
    private long _length;
    private long _previous;

    private JournalFile(string path, SafeFileHandle handle, long length)
    {
        Path = path;
        _handle = handle;
        _length = length;
        _previous = length;
    }

    public string Path { get; }

    /// <summary>Opens a journal, makes it where there is none, and puts a torn end aside (<c>.torn</c> beside it).</summary>
    public static async Task<(JournalFile File, IReadOnlyList<JournalRecord> Records, bool WasTorn)> OpenAsync(string path, CancellationToken cancellationToken)
    {
        MakeFolder(path);
        var existed = File.Exists(path);
        var text = await ReadAsync(path, cancellationToken);
        if (text.Torn.Length > 0)
            await KeepAsideAsync(path, text.Torn, cancellationToken);
        var handle = Attempt(path, () => OpenHandle(path, FileMode.OpenOrCreate));
        try
        {
            Attempt(path, () =>
            {
                if (text.Torn.Length > 0)
                    RandomAccess.SetLength(handle, text.Length);
                RandomAccess.FlushToDisk(handle);
                if (!existed)
                    FileCalls.Default.FlushDirectory(System.IO.Path.GetDirectoryName(path)!);
                return true;
            });
            return (new JournalFile(path, handle, text.Length), text.Records, text.Torn.Length > 0);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Reads a journal without changing anything; empty where there is none.</summary>
    public static async Task<JournalText> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            if (!File.Exists(path))
                return new JournalText([], 0, []);
            // Somebody else may be writing to it.
            await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes, cancellationToken);
            return JournalText.Read(bytes.ToArray(), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JournalException($"The journal {path} can't be read: {e.Message} Check its permissions, or give another place with -JournalPath.", e);
        }
    }

    public async Task AppendAsync(JournalRecord record, CancellationToken cancellationToken)
    {
        var line = JournalText.Line(record);
        try
        {
            await RandomAccess.WriteAsync(_handle, line, _length, cancellationToken);
            RandomAccess.FlushToDisk(_handle);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(Path, e);
        }

        _previous = _length;
        _length += line.Length;
    }

    public void TakeBack()
    {
        RandomAccess.SetLength(_handle, _previous);
        RandomAccess.FlushToDisk(_handle);
        _length = _previous;
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>Makes the folder of a journal, for its owner only.</summary>
    public static void MakeFolder(string path) => Attempt(path, () =>
    {
        var folder = System.IO.Path.GetDirectoryName(path)!;
        return OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(folder)
            : Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    });

    /// <summary>Opens a file for its owner only.</summary>
    public static FileStream OpenOwn(string path, FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    private static SafeFileHandle OpenHandle(string path, FileMode mode)
    {
        // File.OpenHandle knows no permissions for a new file.
        using (OpenOwn(path, mode, FileShare.ReadWrite | FileShare.Delete))
        {
        }

        return File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
    }

    private static async Task KeepAsideAsync(string path, byte[] torn, CancellationToken cancellationToken)
    {
        try
        {
            await using var aside = OpenOwn(path + ".torn", FileMode.OpenOrCreate, FileShare.Read);
            aside.Seek(0, SeekOrigin.End);
            await aside.WriteAsync(torn, cancellationToken);
            await aside.WriteAsync("\n"u8.ToArray(), cancellationToken);
            aside.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, e);
        }
    }

    private static T Attempt<T>(string path, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, e);
        }
    }

    private static JournalException Unwritable(string path, Exception e) =>
        new($"The journal {path} can't be written: {e.Message} Free space or fix the permissions, or give another place with -JournalPath; then run the same command again: it goes on from what is recorded.", e);
}
