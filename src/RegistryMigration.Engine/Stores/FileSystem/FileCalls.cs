using Microsoft.Win32.SafeHandles;

namespace RegistryMigration.Engine.Stores.FileSystem;

/// <summary>The few things this store needs of the operating system and .NET has no call for, or none that is cheap enough.</summary>
/// <remarks>Failures are <see cref="IOException"/>s with the errno in HResult, as .NET's own, or .NET's own exceptions.</remarks>
internal abstract class FileCalls
{
    /// <summary>The calls of this machine.</summary>
    public static FileCalls Default { get; } = OperatingSystem.IsLinux() && Environment.Is64BitProcess ? new LinuxFileCalls() : new PortableFileCalls();

    /// <summary>Adds the names in a directory, in any order; files are looked at where that is cheaper now than later.</summary>
    public abstract void ReadDirectory(string path, List<DirectoryItem> items);

    /// <summary>Looks at a path; a link is not followed unless asked.</summary>
    public abstract FileLook Look(string path, bool follow = false);

    /// <summary>Opens a file for reading, without following a link; no handle where it is none, and what it is instead.</summary>
    public abstract (SafeFileHandle? Handle, FileLook Look) Open(string path);

    /// <summary>The path without any link in it; null where it leads nowhere or this system can't tell.</summary>
    public abstract string? RealPath(string path);

    /// <summary>Brings a directory's names to disk.</summary>
    public abstract void FlushDirectory(string path);

    /// <summary>Opens a directory for <see cref="FlushFileSystem"/>; null where that call can't be relied on, so that files are flushed one by one.</summary>
    public abstract SafeFileHandle? OpenForFlush(string path);

    /// <summary>Brings all that was written to the file system of an open directory to disk: contents, names and directories.</summary>
    /// <exception cref="IOException">Something of it did not get there; the system does not tell what.</exception>
    public abstract void FlushFileSystem(SafeFileHandle directory);

    /// <summary>Gives a file its final name in one step; false where that name is taken.</summary>
    public abstract bool TryMoveToFree(string from, string to);
}

/// <summary>A name in a directory.</summary>
/// <param name="Name">The name.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Length">Bytes; -1 where the file was not looked at.</param>
/// <param name="ModifiedTicks">The time of the last change, in ticks of UTC, where the file was looked at.</param>
internal readonly record struct DirectoryItem(string Name, FileKind Kind, long Length = -1, long ModifiedTicks = 0);

/// <summary>What a look at a path shows.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Length">Bytes.</param>
/// <param name="ModifiedTicks">The time of the last change, in ticks of UTC.</param>
/// <param name="Identity">The inode number, 0 where unknown.</param>
/// <param name="Device">The file system, 0 where unknown.</param>
internal readonly record struct FileLook(FileKind Kind, long Length = 0, long ModifiedTicks = 0, ulong Identity = 0, ulong Device = 0)
{
    /// <summary>Tells this content from any other that the file may have had.</summary>
    public string Version => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Identity:x}-{Length:x}-{ModifiedTicks:x}");

    public DateTimeOffset Modified => new(ModifiedTicks, TimeSpan.Zero);
}

internal enum FileKind
{
    Missing,
    File,
    Directory,
    Link,

    /// <summary>A pipe, socket or device.</summary>
    Special,

    /// <summary>A name that is no UTF-8.</summary>
    BadName,
}
