using Microsoft.Win32.SafeHandles;
using RegistryMigration.Engine.Stores.FileSystem;

namespace RegistryMigration.Engine.Tests.Stores.FileSystem;

/// <summary>The system's own calls, with a record of the directories read and flushed. Files are flushed one by one unless told otherwise.</summary>
internal sealed class CountingCalls : FileCalls
{
    public List<string> DirectoriesRead { get; } = [];

    public List<string> DirectoriesFlushed { get; } = [];

    /// <summary>Stands in for the flush of a whole file system, so that files are flushed together on any.</summary>
    public Action? OnFlushFileSystem { get; init; }

    public override void ReadDirectory(string path, List<DirectoryItem> items)
    {
        DirectoriesRead.Add(path);
        Default.ReadDirectory(path, items);
    }

    public override FileLook Look(string path, bool follow = false) => Default.Look(path, follow);

    public override (SafeFileHandle? Handle, FileLook Look) Open(string path) => Default.Open(path);

    public override string? RealPath(string path) => Default.RealPath(path);

    public override void FlushDirectory(string path)
    {
        DirectoriesFlushed.Add(path);
        Default.FlushDirectory(path);
    }

    public override SafeFileHandle? OpenForFlush(string path) => OnFlushFileSystem is null ? null : new SafeFileHandle();

    public override void FlushFileSystem(SafeFileHandle directory) => OnFlushFileSystem!();

    public override bool TryMoveToFree(string from, string to) => Default.TryMoveToFree(from, to);
}
