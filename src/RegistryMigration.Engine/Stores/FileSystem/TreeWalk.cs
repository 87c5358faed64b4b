using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.FileSystem;

/// <summary>Walks a directory tree in the order of whole keys.</summary>
/// <remarks>
/// A directory sorts by its name with the slash that follows in the keys below it: <c>a-b</c> &lt; <c>a/…</c> &lt; <c>a0</c>. With that,
/// the keys of a depth-first walk come out in <see cref="KeyOrder"/>. Only the names of the directories between the root and the current
/// file are held, in lists that are used again: memory is bounded by depth × the largest directory.
/// </remarks>
internal sealed class TreeWalk
{
    private const int PageSize = 1000;
    private const string TooLong = "its key has more than 1,024 bytes";
    private static readonly Comparison<DirectoryItem> BySortName = static (a, b) => KeyOrder.Compare(a.Name, b.Name);

    private readonly FileCalls _calls;
    private readonly StoreDirectories _directories;
    private readonly LinkResolver _links;
    private readonly TemporaryFiles? _temporaries;
    private readonly Action<RejectedEntry>? _rejected;
    private readonly string _store;
    private readonly List<Level> _levels = [];
    private int _depth;

    /// <summary>Prepares a walk over the keys that start with <paramref name="prefix"/>; nothing is read yet.</summary>
    public TreeWalk(FileCalls calls, StoreDirectories directories, LinkResolver links, TemporaryFiles? temporaries, string store, string prefix, Action<RejectedEntry>? rejected)
    {
        (_calls, _directories, _links, _temporaries, _store, _rejected) = (calls, directories, links, temporaries, store, rejected);
        Prefix = prefix;
    }

    private string Prefix { get; }

    /// <summary>Reads the directory that the prefix points into. Called once, before the first page.</summary>
    public void Start()
    {
        var slash = Prefix.LastIndexOf('/');
        var start = slash < 0 ? "" : Prefix[..slash];

        // A prefix that no key can have matches nothing, and must not reach the file system ("../", "//").
        if (slash == 0 || slash > 0 && KeyRules.Problem(start) is not null)
            return;
        var kind = Check(start);
        if (kind == FileKind.Link)
            Reject(start, "it passes through a link, and links to directories are not followed");
        if (kind == FileKind.Directory)
            Enter(slash < 0 ? "" : Prefix[..(slash + 1)], Prefix[(slash + 1)..]);
    }

    /// <summary>The next entries, at most 1,000; empty at the end.</summary>
    public ReadOnlyMemory<StoreEntry> NextPage(CancellationToken cancellationToken)
    {
        var page = new StoreEntry[PageSize];
        var count = 0;
        while (count < PageSize && TryNext(0, out page[count], cancellationToken))
            count++;
        return page.AsMemory(0, count);
    }

    /// <summary>The directories right below the prefix that have an entry somewhere below them, as prefixes.</summary>
    public IReadOnlyList<string> SubdirectoriesInUse(CancellationToken cancellationToken)
    {
        var found = new List<string>();
        if (_depth == 0)
            return found;
        foreach (var item in _levels[0].Items)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (item.Kind != FileKind.Directory)
                continue;
            Enter(_levels[0].Prefix + item.Name, "");
            if (TryNext(1, out _, cancellationToken))
                found.Add(_levels[0].Prefix + item.Name);
            _depth = 1;
        }

        return found;
    }

    /// <summary>The entries right below the prefix.</summary>
    public IReadOnlyList<StoreEntry> FilesHere(CancellationToken cancellationToken)
    {
        var found = new List<StoreEntry>();
        foreach (var item in _depth == 0 ? [] : _levels[0].Items)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (item.Kind != FileKind.Directory && Look(_levels[0].Prefix + item.Name, item) is { } file)
                found.Add(file);
        }

        return found;
    }

    /// <summary>The next entry of the levels below <paramref name="floor"/>; false when they are done.</summary>
    private bool TryNext(int floor, out StoreEntry entry, CancellationToken cancellationToken)
    {
        while (_depth > floor)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var level = _levels[_depth - 1];
            if (level.Next == level.Items.Count)
            {
                _depth--;
                continue;
            }

            var item = level.Items[level.Next++];
            var key = level.Prefix + item.Name;
            if (item.Kind == FileKind.Directory)
                Enter(key, "");
            else if (Look(key, item) is { } found)
            {
                entry = found;
                return true;
            }
        }

        entry = default;
        return false;
    }

    private void Enter(string prefix, string filter)
    {
        if (KeyRules.IsTooLong(prefix))
        {
            Reject(prefix, TooLong);
            return;
        }

        if (_levels.Count == _depth)
            _levels.Add(new Level());
        var level = _levels[_depth];
        level.Prefix = prefix;
        level.Next = 0;
        level.Items.Clear();
        if (!TryRead(prefix, level.Items))
            return;
        Tidy(level, filter);
        _depth++;
    }

    /// <summary>False where the directory has vanished, as they do in a registry that is being used.</summary>
    private bool TryRead(string prefix, List<DirectoryItem> items)
    {
        try
        {
            _calls.ReadDirectory(_directories.PathOf(prefix), items);
            return true;
        }
        catch (Exception e) when (FileFailures.IsMissing(e))
        {
            _directories.Forget(prefix.TrimEnd('/'));
            return false;
        }
        catch (Exception e) when (FileFailures.Is(e))
        {
            var failure = FileFailures.From(e, _store, prefix);

            // fsck's directory at the top of a volume is root's own and never a registry's.
            if (failure.Kind != StoreErrorKind.Denied || prefix != "lost+found/")
                throw failure;
            Reject(prefix, "it is the file system's own directory and can't be read");
            return false;
        }
    }

    private void Tidy(Level level, string filter)
    {
        var items = level.Items;
        var kept = 0;
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i];

            // What can't match can't be rejected either: only entries below the prefix are spoken of.
            if (filter.Length > 0 && !item.Name.StartsWith(filter, StringComparison.Ordinal))
                continue;
            if (item.Kind == FileKind.Missing)
                continue;
            if (item.Kind == FileKind.File && TemporaryFiles.IsOurs(item.Name))
                _temporaries?.Note(_directories.PathOf(level.Prefix + item.Name));
            else if (Problem(item) is { } problem)
                Reject(level.Prefix + item.Name, problem);
            else
                items[kept++] = item.Kind == FileKind.Directory ? item with { Name = item.Name + "/" } : item;
        }

        items.RemoveRange(kept, items.Count - kept);
        items.Sort(BySortName);
    }

    private static string? Problem(DirectoryItem item) => item.Kind switch
    {
        FileKind.BadName => "its name is not valid UTF-8",
        FileKind.Special => "it is a pipe, socket or device",
        _ => KeyRules.SegmentProblem(item.Name),
    };

    private StoreEntry? Look(string key, DirectoryItem item)
    {
        // Its segments were checked one by one on the way down.
        if (KeyRules.IsTooLong(key))
        {
            Reject(key, TooLong);
            return null;
        }

        var look = item.Length >= 0 ? new FileLook(item.Kind, item.Length, item.ModifiedTicks) : LookAt(key, item.Kind);
        switch (look.Kind)
        {
            case FileKind.File:
                return new StoreEntry(key, look.Length, null, look.Modified);
            case FileKind.Missing when item.Kind != FileKind.Link:
                return null;
            case FileKind.Directory when item.Kind == FileKind.File:
                throw new StoreException(StoreErrorKind.BrokenListing, $"'{KeyRules.Show(key)}' in {_store} turned from a file into a directory while it was listed. List again.") { Store = _store, Key = key };
            default:
                Reject(key, item.Kind == FileKind.Link ? "it is a link that leads out of the root, to a directory or nowhere" : "it is a pipe, socket or device");
                return null;
        }
    }

    private FileLook LookAt(string key, FileKind kind)
    {
        try
        {
            return kind == FileKind.Link ? _links.Look(key) : _calls.Look(_directories.PathOf(key));
        }
        catch (Exception e) when (FileFailures.Is(e))
        {
            throw FileFailures.From(e, _store, key);
        }
    }

    private FileKind Check(string directory)
    {
        try
        {
            return _directories.Check(directory);
        }
        catch (Exception e) when (FileFailures.Is(e))
        {
            throw FileFailures.From(e, _store, directory);
        }
    }

    private void Reject(string name, string reason) => _rejected?.Invoke(new RejectedEntry(KeyRules.Show(name), reason));

    private sealed class Level
    {
        public string Prefix = "";
        public int Next;

        /// <summary>Names in order; those of directories with a slash.</summary>
        public readonly List<DirectoryItem> Items = [];
    }
}
