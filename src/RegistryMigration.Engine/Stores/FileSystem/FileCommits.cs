using Microsoft.Win32.SafeHandles;

namespace RegistryMigration.Engine.Stores.FileSystem;

/// <summary>Makes written files durable, many at a time, and gives them their names.</summary>
/// <remarks>
/// <para>A flush of one file costs the disk about as much as a flush of hundreds. So files that are written while one flush runs wait, and
/// the next one (syncfs) serves them all: it brings the contents of these files to disk, and the names that the files before them got
/// meanwhile. A file therefore goes through two flushes: one before its name, so that no name ever stands for content that a power
/// cut could take, and one after it, so that whoever is told that a file is there can rely on it. There is no timer: the busier the
/// writers, the larger the groups.</para>
/// <para>Where that flush fails, the file system does not tell for which file. Then every file of the group is flushed by itself, and
/// only those that fail are reported.</para>
/// <para>It needs Linux and one local file system below the root. Elsewhere each file is flushed by itself, and then its directories.</para>
/// </remarks>
internal sealed class FileCommits(FileCalls calls, StoreDirectories directories, string store) : IDisposable
{
    private readonly object _gate = new();
    private List<WrittenFile> _waiting = [];
    private SafeFileHandle? _fileSystem;
    private bool _opened;
    private bool _running;

    /// <summary>Whether files are made durable together.</summary>
    public bool IsOpen
    {
        get
        {
            if (directories.HasMounts)
                return false;
            lock (_gate)
            {
                if (!_opened)
                    _fileSystem = Open();
                _opened = true;
                return _fileSystem is not null;
            }
        }
    }

    /// <summary>Adds a file to the next group; the answer comes when it is durable.</summary>
    public Task<WriteOutcome> AddAsync(WrittenFile file)
    {
        lock (_gate)
        {
            _waiting.Add(file);
            if (!_running)
                _ = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
            _running = true;
        }

        return file.Done;
    }

    /// <summary>Makes one file durable by itself; waits for the disk.</summary>
    public WriteOutcome CommitAlone(WrittenFile file)
    {
        try
        {
            RandomAccess.FlushToDisk(file.Handle);
            var outcome = Name(file);
            if (outcome == WriteOutcome.Written)
                FlushName(file);
            return outcome;
        }
        catch (Exception e)
        {
            file.Abandon();
            if (FileFailures.Is(e))
                throw FileFailures.From(e, store, file.Key);
            throw;
        }
    }

    /// <inheritdoc />
    public void Dispose() => _fileSystem?.Dispose();

    private SafeFileHandle? Open()
    {
        try
        {
            return calls.OpenForFlush(directories.RootPath);
        }
        catch (Exception e) when (FileFailures.Is(e))
        {
            // It may be that this path can't be opened and can be written to: one by one works then.
            return null;
        }
    }

    private void Run()
    {
        List<WrittenFile> named = [];
        while (Take(isDone: named.Count == 0) is { } written)
        {
            var flushed = TryFlush();
            foreach (var file in named)
                Step(file, () => Confirm(file, flushed));
            named = [];
            foreach (var file in written)
                Step(file, () => Promote(file, flushed, named));
        }
    }

    /// <summary>The files that wait; null when there are none and nothing else is to be done, which ends the thread.</summary>
    private List<WrittenFile>? Take(bool isDone)
    {
        lock (_gate)
        {
            if (isDone && _waiting.Count == 0)
            {
                _running = false;
                return null;
            }

            var taken = _waiting;
            _waiting = [];
            return taken;
        }
    }

    private bool TryFlush()
    {
        // What is made from here on may or may not be part of it.
        var made = directories.Unflushed();
        try
        {
            calls.FlushFileSystem(_fileSystem!);
            directories.NoteFlushed(made);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private void Confirm(WrittenFile file, bool flushed)
    {
        if (!flushed)
            FlushName(file);
        file.Complete(WriteOutcome.Written);
    }

    private void Promote(WrittenFile file, bool flushed, List<WrittenFile> named)
    {
        if (!flushed)
            RandomAccess.FlushToDisk(file.Handle);
        var outcome = Name(file);
        if (outcome == WriteOutcome.Written)
            named.Add(file);
        else
            file.Complete(outcome);
    }

    /// <summary>Gives a durable file its name.</summary>
    private WriteOutcome Name(WrittenFile file)
    {
        file.Handle.Dispose();
        var path = directories.PathOf(file.Key);
        if (!file.IfAbsent)
            File.Move(file.Temporary, path, overwrite: true);
        else if (!calls.TryMoveToFree(file.Temporary, path))
        {
            file.Abandon();
            return WriteOutcome.AlreadyPresent;
        }

        return WriteOutcome.Written;
    }

    private void FlushName(WrittenFile file)
    {
        try
        {
            directories.Flush(StoreDirectories.ParentOf(file.Key));
        }
        catch (Exception e) when (FileFailures.IsMissing(e))
        {
            // Deleted again by somebody else, with its directory: there is nothing left to keep.
        }
    }

    // Whatever goes wrong with one file, the others and their writers go on.
    private void Step(WrittenFile file, Action step)
    {
        try
        {
            step();
        }
        catch (Exception e) when (FileFailures.Is(e))
        {
            Fail(file, FileFailures.From(e, store, file.Key));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Fail(file, e);
        }
    }

    private static void Fail(WrittenFile file, Exception failure)
    {
        file.Abandon();
        file.Fail(failure);
    }
}
