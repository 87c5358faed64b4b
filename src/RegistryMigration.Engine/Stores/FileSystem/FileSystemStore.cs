using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.FileSystem;

/// <summary>A directory as a store.</summary>
/// <remarks>
/// <para>Durability: see <see cref="WriteAsync"/>. A write that returned is on disk: the file, its name, and every directory made for it
/// were flushed. On Windows and macOS the file is flushed and its name left to the file system's journal.</para>
/// <para>Links: directories are never reached through links; a link to a file counts as that file where it leads to a place inside the
/// root (Linux; elsewhere never). The root itself is what the user named and may be reached through links. What is swapped for a link
/// while it is in use is noticed on reading and not while listing.</para>
/// <para>Files named <c>.rm-(32 hex digits).tmp</c> are unfinished writes and in no listing. Those of a killed run are removed by the
/// first write after a listing that met them, once they are an hour old and unlocked.</para>
/// </remarks>
internal sealed class FileSystemStore : IStore
{
    private readonly FileCalls _calls;
    private readonly FileCommits _commits;
    private readonly string _directory;
    private readonly StoreDirectories _directories;
    private readonly LinkResolver _links;
    private readonly TemporaryFiles _temporaries;
    private readonly FileWriter _writer;

    /// <summary>A store in a directory, which need not exist yet.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="root">What keys are relative to, below the directory: empty, or ending in <c>/</c>.</param>
    /// <param name="context">What the engine lends every store.</param>
    public FileSystemStore(string directory, string root, StoreContext context)
        : this(directory, root, context, FileCalls.Default)
    {
    }

    internal FileSystemStore(string directory, string root, StoreContext context, FileCalls calls)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(context);
        if (root.Length > 0 && (root[^1] != '/' || KeyRules.Problem(root[..^1]) is not null))
            throw new ArgumentException($"The root '{KeyRules.Show(root)}' must be empty, or a relative path that ends in a slash.", nameof(root));
        _calls = calls;
        _directory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        _directories = new StoreDirectories(calls, _directory, root);
        _links = new LinkResolver(calls, _directories.RootPath);
        _temporaries = new TemporaryFiles(context.Time);
        Name = _directories.RootPath;
        _commits = new FileCommits(calls, _directories, Name);
        _writer = new FileWriter(calls, _directories, _links, _commits, Traffic, Name);
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <inheritdoc />
    public StoreCapabilities Capabilities { get; } = new() { ConditionalWrite = true, GroupsWrites = true, MaxKeyBytes = KeyRules.MaxKeyBytes };

    /// <inheritdoc />
    public StoreTraffic Traffic { get; } = new("filesystem");

    /// <inheritdoc />
    /// <remarks>
    /// A directory that vanishes while it is listed is passed over; one that can't be read ends the listing with
    /// <see cref="StoreErrorKind.Denied"/>, so that a part never looks like the whole.
    /// </remarks>
    /// <exception cref="StoreException">NotFound: the store's directory does not exist; an unmounted volume must not look empty.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<StoreEntry>> ListAsync(string prefix, Action<RejectedEntry>? rejected, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        var walk = Walk(prefix, rejected);
        await Task.Run(() => Start(walk), cancellationToken);
        while (true)
        {
            var page = await Task.Run(() => walk.NextPage(cancellationToken), cancellationToken);
            if (page.IsEmpty)
                yield break;
            yield return page;
        }
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<string>> ListPrefixesAsync(string prefix, CancellationToken cancellationToken) => LevelAsync(prefix, walk => walk.SubdirectoriesInUse(cancellationToken), cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<StoreEntry>> ListFilesAsync(string prefix, CancellationToken cancellationToken) => LevelAsync(prefix, walk => walk.FilesHere(cancellationToken), cancellationToken);

    /// <inheritdoc />
    public Task<StoreEntry?> StatAsync(string key, CancellationToken cancellationToken)
    {
        KeyRules.Require(key, Name);
        cancellationToken.ThrowIfCancellationRequested();
        Traffic.CountRequest();
        return Task.FromResult(Guarded<StoreEntry?>(key, () =>
            Locate(key) is { Kind: FileKind.File } look ? new StoreEntry(key, look.Length, null, look.Modified) : null));
    }

    /// <inheritdoc />
    public Task<StoreReader> ReadAsync(string key, long offset, string? version, CancellationToken cancellationToken)
    {
        KeyRules.Require(key, Name);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        cancellationToken.ThrowIfCancellationRequested();
        Traffic.CountRequest();
        var (handle, look) = Guarded(key, () => Open(key));
        if (version is not null && version != look.Version)
        {
            handle.Dispose();
            throw Failure(StoreErrorKind.Changed, key, $"'{key}' in {Name} is not the file that it was when its copy began. Copy it again from its start.");
        }

        return Task.FromResult(new StoreReader(new FileContentStream(handle, offset, Traffic, Name, key), look.Length, look.Version));
    }

    /// <inheritdoc />
    /// <remarks>
    /// Written under a temporary name beside the final one, flushed, renamed in one step, and the name flushed
    /// (<see cref="FileCommits"/>). Directories are made as needed; the store's own directory is not (see <see cref="InitializeAsync"/>), since a missing one is often a missing mount.
    /// </remarks>
    public async Task<WriteOutcome> WriteAsync(string key, StoreContent content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        KeyRules.Require(key, Name);
        if (FileNames.Problem(key) is { } problem)
            throw Failure(StoreErrorKind.InvalidKey, key, $"The key '{KeyRules.Show(key)}' can't be held by {Name}: {problem}. Rename the object at its source, or leave it out of the copy.");
        cancellationToken.ThrowIfCancellationRequested();
        Traffic.CountRequest();
        _temporaries.RemoveAbandoned();
        return await _writer.WriteAsync(key, content, cancellationToken);
    }

    /// <inheritdoc />
    /// <remarks>Directories that it leaves empty are removed up to the root; a registry ignores them, and people wonder about them.</remarks>
    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        KeyRules.Require(key, Name);
        cancellationToken.ThrowIfCancellationRequested();
        Traffic.CountRequest();
        Guarded(key, () =>
        {
            var parent = StoreDirectories.ParentOf(key);
            var kind = _directories.Check(parent);
            if (kind == FileKind.Link)
                throw StoreDirectories.InTheWay(kind, key, Name);
            if (kind == FileKind.Directory && _calls.Look(_directories.PathOf(key)).Kind is FileKind.File or FileKind.Link)
            {
                File.Delete(_directories.PathOf(key));
                _directories.RemoveEmpty(parent);
            }

            return true;
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    /// <remarks>A directory holds no metadata: it is ignored.</remarks>
    public Task<bool> InitializeAsync(IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Guarded("", () =>
        {
            if (Directory.Exists(_directory))
                return false;
            Directory.CreateDirectory(_directory);
            return true;
        }));
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _commits.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<T> LevelAsync<T>(string prefix, Func<TreeWalk, T> read, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (prefix.Length > 0 && prefix[^1] != '/')
            throw new ArgumentException("The prefix must be empty or end in a slash.", nameof(prefix));
        return Task.Run(
            () =>
            {
                var walk = Walk(prefix, null);
                Start(walk);
                return read(walk);
            },
            cancellationToken);
    }

    private TreeWalk Walk(string prefix, Action<RejectedEntry>? rejected) => new(_calls, _directories, _links, _temporaries, Name, prefix, rejected);

    private void Start(TreeWalk walk)
    {
        Traffic.CountRequest();
        if (!Directory.Exists(_directory))
            throw new StoreException(StoreErrorKind.NotFound, $"The directory {_directory} does not exist. Check the path and the mount; a new one is made by Initialize-RegistryStore.") { Store = Name };
        walk.Start();
    }

    /// <summary>Looks at the file of a key, without leaving the root.</summary>
    private FileLook Locate(string key)
    {
        var above = _directories.Check(StoreDirectories.ParentOf(key));
        if (above != FileKind.Directory)
            return new FileLook(above == FileKind.Link ? FileKind.Link : FileKind.Missing);
        var look = _calls.Look(_directories.PathOf(key));
        return look.Kind == FileKind.Link ? _links.Look(key) : look;
    }

    /// <summary>Opens the file of a key, without leaving the root: also where it is swapped for a link meanwhile, for none is followed on opening.</summary>
    private (SafeFileHandle Handle, FileLook Look) Open(string key)
    {
        var above = _directories.Check(StoreDirectories.ParentOf(key));
        if (above != FileKind.Directory)
            throw NoFile(key, above == FileKind.Link ? FileKind.Link : FileKind.Missing);
        var (handle, look) = _calls.Open(_directories.PathOf(key));
        if (look.Kind == FileKind.Link && _links.Target(key) is { } target)
        {
            (handle, look) = _calls.Open(target);
            // The link leads to something that is no file: it is the link that is reported.
            if (handle is null)
                look = new FileLook(FileKind.Link);
        }

        return handle is null ? throw NoFile(key, look.Kind) : (handle, look);
    }

    private StoreException NoFile(string key, FileKind kind) => kind switch
    {
        FileKind.Missing => Failure(StoreErrorKind.NotFound, key, $"There is no '{key}' in {Name}."),
        FileKind.Link => Failure(StoreErrorKind.InvalidKey, key, $"'{key}' in {Name} passes through a link that leads out of the root, to a directory or nowhere, and is not followed. Put the file itself in its place."),
        FileKind.Directory => Failure(StoreErrorKind.NotFound, key, $"'{key}' in {Name} is a directory, not a file."),
        _ => Failure(StoreErrorKind.InvalidKey, key, $"'{key}' in {Name} is a pipe, socket or device, and is not opened."),
    };

    private StoreException Failure(StoreErrorKind kind, string key, string message) => new(kind, message) { Store = Name, Key = key };

    private T Guarded<T>(string key, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (FileFailures.Is(e))
        {
            throw FileFailures.From(e, Name, key);
        }
    }
}
