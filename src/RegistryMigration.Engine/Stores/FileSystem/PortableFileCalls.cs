using System.IO.Enumeration;
using Microsoft.Win32.SafeHandles;

namespace RegistryMigration.Engine.Stores.FileSystem;

/// <summary>What .NET offers everywhere.</summary>
/// <remarks>
/// Short of the Linux calls: links are never followed, even inside the root; pipes and devices look like files; directories are not
/// flushed (NTFS journals its names; APFS does within seconds).
/// </remarks>
internal sealed class PortableFileCalls : FileCalls
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false, RecurseSubdirectories = false };

    public override void ReadDirectory(string path, List<DirectoryItem> items) =>
        items.AddRange(new FileSystemEnumerable<DirectoryItem>(path, static (ref FileSystemEntry entry) => Item(ref entry), Everything));

    public override FileLook Look(string path, bool follow = false)
    {
        FileSystemInfo info = new FileInfo(path);
        var attributes = info.Attributes;
        if ((int)attributes == -1)
            return default;
        if (attributes.HasFlag(FileAttributes.ReparsePoint) && info.LinkTarget is not null)
        {
            if (!follow)
                return new FileLook(FileKind.Link);
            if (info.ResolveLinkTarget(returnFinalTarget: true) is not { Exists: true } target)
                return default;
            info = target;
            attributes = info.Attributes;
        }

        return attributes.HasFlag(FileAttributes.Directory)
            ? new FileLook(FileKind.Directory)
            : new FileLook(FileKind.File, new FileInfo(info.FullName).Length, info.LastWriteTimeUtc.Ticks);
    }

    public override (SafeFileHandle? Handle, FileLook Look) Open(string path)
    {
        var look = Look(path);
        if (look.Kind != FileKind.File)
            return (null, look);
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        return (handle, new FileLook(FileKind.File, RandomAccess.GetLength(handle), File.GetLastWriteTimeUtc(handle).Ticks));
    }

    public override string? RealPath(string path) => null;

    public override void FlushDirectory(string path)
    {
    }

    public override SafeFileHandle? OpenForFlush(string path) => null;

    public override void FlushFileSystem(SafeFileHandle directory) => throw new NotSupportedException();

    public override bool TryMoveToFree(string from, string to)
    {
        try
        {
            File.Move(from, to, overwrite: false);
            return true;
        }
        catch (IOException) when (Path.Exists(to))
        {
            return false;
        }
    }

    private static DirectoryItem Item(ref FileSystemEntry entry)
    {
        var name = entry.FileName.ToString();
        // .NET decodes what is no UTF-8 to U+FFFD, under which the file can't be found again.
        if (name.Contains('\uFFFD', StringComparison.Ordinal))
            return new DirectoryItem(name, FileKind.BadName);
        var attributes = entry.Attributes;
        var kind = attributes.HasFlag(FileAttributes.ReparsePoint) && entry.ToFileSystemInfo().LinkTarget is not null ? FileKind.Link
            : attributes.HasFlag(FileAttributes.Directory) ? FileKind.Directory
            : FileKind.File;
        return new DirectoryItem(name, kind);
    }
}
