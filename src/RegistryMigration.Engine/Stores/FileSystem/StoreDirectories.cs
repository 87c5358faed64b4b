using System.Collections.Concurrent;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.FileSystem;

/// <summary>Knows which directories below the root are real ones, makes missing ones, and brings new ones to disk.</summary>
/// <remarks>
/// A key leads out of the root when one of its directories is a link, so every component is looked at once and remembered. The root
/// itself is what the user named, and may be reached through links. A directory made here stays on the list of unflushed ones until
/// its parent is flushed: whoever writes below it meanwhile flushes it too, and never reports an object that a power cut could unlink.
/// </remarks>
internal sealed class StoreDirectories(FileCalls calls, string top, string root)
{
    // About 5 MB of names: enough for every shard and the busiest repositories. A blob's own directory is not worth keeping.
    private const int Capacity = 16_384;

    private readonly ConcurrentDictionary<string, byte> _real = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _unflushed = new(StringComparer.Ordinal); // whether it is made already
    private int _count;
    private ulong _device;

    /// <summary>The path of the root.</summary>
    public string RootPath { get; } = root.Length == 0 ? top : $"{top.TrimEnd('/')}/{root.TrimEnd('/')}";

    /// <summary>Whether a directory that was looked at lies on another file system than the root: something is mounted inside.</summary>
    public bool HasMounts { get; private set; }

    /// <summary>The path of a key, or of a directory, below the root.</summary>
    public string PathOf(string key) => key.Length == 0 ? RootPath : $"{RootPath}/{key}";

    /// <summary>The directory of a key, without a slash at its end; empty for the root.</summary>
    public static string ParentOf(string key)
    {
        var slash = key.LastIndexOf('/');
        return slash < 0 ? "" : key[..slash];
    }

    /// <summary>What stands where a directory is wanted: Directory, Missing, or the Link or File that is in the way.</summary>
    public FileKind Check(string directory)
    {
        if (_real.ContainsKey(directory))
            return FileKind.Directory;
        if (directory.Length > 0)
        {
            var above = Check(ParentOf(directory));
            if (above != FileKind.Directory)
                return above;
        }

        var look = calls.Look(PathOf(directory), follow: directory.Length == 0);
        if (look.Kind != FileKind.Directory)
            return look.Kind;
        if (directory.Length == 0)
            _device = look.Device;
        else if (look.Device != _device)
            HasMounts = true;
        Remember(directory);
        return FileKind.Directory;
    }

    /// <summary>Makes a directory and those above it where they are missing.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="key">The key it is made for.</param>
    /// <param name="store">The store's name.</param>
    /// <exception cref="IOException">The file system refuses.</exception>
    /// <exception cref="StoreException">A link (<see cref="StoreErrorKind.InvalidKey"/>) or a file (<see cref="StoreErrorKind.Conflict"/>) is in the way.</exception>
    public void Create(string directory, string key, string store)
    {
        switch (Check(directory))
        {
            case FileKind.Directory:
                return;
            case FileKind.Missing when directory.Length == 0:
                CreateRoot();
                break;
            case FileKind.Missing:
                Create(ParentOf(directory), key, store);

                // Listed before it exists, so that whoever finds it knows that it is new.
                _unflushed[directory] = false;
                try
                {
                    Directory.CreateDirectory(PathOf(directory));
                    _unflushed[directory] = true;
                }
                catch
                {
                    _unflushed.TryRemove(directory, out _);
                    throw;
                }

                break;
            case var other:
                throw InTheWay(other, key, store);
        }

        Remember(directory);
    }

    /// <summary>Brings a directory's names to disk, and the directory itself with those above it where they are new.</summary>
    public void Flush(string directory)
    {
        calls.FlushDirectory(PathOf(directory));
        for (; directory.Length > 0 && !_unflushed.IsEmpty; directory = ParentOf(directory))
        {
            if (!_unflushed.ContainsKey(directory))
                continue;
            calls.FlushDirectory(PathOf(ParentOf(directory)));
            _unflushed.TryRemove(directory, out _);
        }
    }

    /// <summary>The directories that were made and not flushed; for <see cref="NoteFlushed"/> when the whole file system has been.</summary>
    public IReadOnlyList<string> Unflushed() => [.. _unflushed.Where(made => made.Value).Select(made => made.Key)];

    /// <summary>Notes that directories are on disk, with their names.</summary>
    public void NoteFlushed(IReadOnlyList<string> made)
    {
        foreach (var directory in made)
            _unflushed.TryRemove(directory, out _);
    }

    /// <summary>Removes a directory and those above it, as long as they are empty.</summary>
    public void RemoveEmpty(string directory)
    {
        for (; directory.Length > 0; directory = ParentOf(directory))
        {
            try
            {
                Directory.Delete(PathOf(directory));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Not empty, or somebody else was faster, or it may stay: the object itself is gone.
                return;
            }

            Forget(directory);
        }
    }

    /// <summary>Forgets a directory that was removed.</summary>
    public void Forget(string directory)
    {
        _unflushed.TryRemove(directory, out _);
        if (_real.TryRemove(directory, out _))
            Interlocked.Decrement(ref _count);
    }

    /// <summary>Forgets a directory and all above it, after one of them turned out to be gone.</summary>
    public void ForgetBranch(string directory)
    {
        for (; directory.Length > 0; directory = ParentOf(directory))
            Forget(directory);
        Forget("");
    }

    /// <summary>The error for a key with a directory that can't be used because something else has its name.</summary>
    public static StoreException InTheWay(FileKind kind, string key, string store) => kind == FileKind.Link
        ? new StoreException(StoreErrorKind.InvalidKey, $"'{KeyRules.Show(key)}' in {store} passes through a link, and links are not followed. Replace the link by the directory it points to, or mount that in its place.") { Store = store, Key = key }
        : new StoreException(StoreErrorKind.Conflict, $"'{KeyRules.Show(key)}' in {store} needs a directory where a file is. Remove the file if it does not belong there.") { Store = store, Key = key };

    // Once in the life of a store, so each level is simply made and flushed.
    private void CreateRoot()
    {
        if (!Directory.Exists(top))
            throw new DirectoryNotFoundException(top);
        var path = top;
        foreach (var segment in root.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            Directory.CreateDirectory($"{path}/{segment}");
            calls.FlushDirectory(path);
            path = $"{path}/{segment}";
        }

        _device = calls.Look(path, follow: true).Device;
    }

    private void Remember(string directory)
    {
        if (!_real.TryAdd(directory, 0) || Interlocked.Increment(ref _count) < Capacity)
            return;
        _real.Clear();
        Volatile.Write(ref _count, 0);
    }
}
