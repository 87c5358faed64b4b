using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace RegistryMigration.Engine.Stores.FileSystem;

/// <summary>Linux: a directory is read with the kinds that readdir gives for free, so that only files cost a look (statx) each, where they are few from their open directory.</summary>
internal sealed unsafe class LinuxFileCalls : FileCalls
{
    // Before 5.8 syncfs said nothing of contents that did not get to the disk.
    private static readonly Version FlushReportsErrors = new(5, 8);

    // Where one syncfs is known to do for all files what fsync does for one. It is not on FUSE, network and stacked file systems.
    private static readonly string[] FlushableFormats = ["ext2", "ext3", "ext4", "xfs", "btrfs"];

    // A directory of a few names takes one call for them and one for the end.
    private const int BufferSize = 8192;

    // Files of larger directories are looked at when their turn comes.
    private const int Few = 4;

    // Smaller files are read in one go.
    private const long ReadAheadFrom = 1 << 20;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    [SkipLocalsInit]
    public override void ReadDirectory(string path, List<DirectoryItem> items)
    {
        var directory = OpenDirectory(path);
        try
        {
            var buffer = stackalloc byte[BufferSize];
            while (LinuxNative.ReadDirectory(directory, buffer, BufferSize) is var length and not 0)
            {
                if (length < 0)
                    throw Failure(path);
                Add(path, buffer, buffer + length, items);
            }

            LookAtFew(directory, items);
        }
        finally
        {
            _ = LinuxNative.Close(directory);
        }
    }

    public override FileLook Look(string path, bool follow = false)
    {
        if (LinuxNative.Statx(LinuxNative.AtFdCwd, path, follow ? 0 : LinuxNative.AtSymlinkNoFollow, LinuxNative.StatxWanted, out var buffer) == 0)
            return Convert(buffer);
        return Marshal.GetLastPInvokeError() is Errno.NoEntry or Errno.NotDirectory ? default : throw Failure(path);
    }

    public override (SafeFileHandle? Handle, FileLook Look) Open(string path)
    {
        // Not blocking: a pipe without a writer would keep the call until one comes.
        var descriptor = LinuxNative.Open(path, LinuxNative.OpenCloseOnExec | LinuxNative.OpenNoFollow | LinuxNative.OpenNonBlocking);
        if (descriptor < 0)
        {
            return Marshal.GetLastPInvokeError() switch
            {
                Errno.NoEntry or Errno.NotDirectory => default,
                Errno.TooManyLevels => (null, new FileLook(FileKind.Link)),
                Errno.NoDevice => (null, new FileLook(FileKind.Special)),
                _ => throw Failure(path),
            };
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            var look = Look(descriptor, path);
            if (look.Kind == FileKind.File)
            {
                if (look.Length >= ReadAheadFrom)
                    _ = LinuxNative.Advise(descriptor, 0, 0, LinuxNative.AdviseSequential);
                return (handle, look);
            }

            handle.Dispose();
            return (null, look);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public override string? RealPath(string path)
    {
        var resolved = LinuxNative.RealPath(path, null);
        if (resolved is null)
            return null;
        try
        {
            return Decode(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(resolved));
        }
        finally
        {
            LinuxNative.Free(resolved);
        }
    }

    public override void FlushDirectory(string path)
    {
        var directory = OpenDirectory(path);
        try
        {
            // EINVAL: a file system that has nothing to flush for a directory (some FUSE and CIFS mounts).
            if (LinuxNative.Flush(directory) != 0 && Marshal.GetLastPInvokeError() != Errno.Invalid)
                throw Failure(path);
        }
        finally
        {
            _ = LinuxNative.Close(directory);
        }
    }

    public override SafeFileHandle? OpenForFlush(string path)
    {
        if (Environment.OSVersion.Version < FlushReportsErrors || !FlushableFormats.Contains(new DriveInfo(path).DriveFormat, StringComparer.Ordinal))
            return null;
        var descriptor = LinuxNative.Open(path, LinuxNative.OpenCloseOnExec);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failure(path);
    }

    public override void FlushFileSystem(SafeFileHandle directory)
    {
        if (LinuxNative.FlushFileSystem(directory) != 0)
            throw Failure("the file system");
    }

    public override bool TryMoveToFree(string from, string to)
    {
        if (LinuxNative.Link(from, to) == 0)
        {
            File.Delete(from);
            return true;
        }

        switch (Marshal.GetLastPInvokeError())
        {
            case Errno.Exists:
                return false;
            case Errno.NotPermitted or Errno.NotSupported or Errno.NotImplemented or Errno.TooManyLinks:
                // A file system without hard links: a check and a rename is the best there is.
                if (Path.Exists(to))
                    return false;
                File.Move(from, to, overwrite: false);
                return true;
            default:
                throw Failure(to);
        }
    }

    private static int OpenDirectory(string path) =>
        LinuxNative.Open(path, LinuxNative.OpenDirectory | LinuxNative.OpenCloseOnExec) is >= 0 and var directory ? directory : throw Failure(path);

    private void Add(string directory, byte* start, byte* end, List<DirectoryItem> items)
    {
        for (var next = start; next < end;)
        {
            var entry = (LinuxNative.Dirent*)next;
            var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(&entry->Name);
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                items.Add(Item(directory, name, entry->Type));
            next += entry->Length;
        }
    }

    // From its open directory a look at a file saves the walk down its path; a registry has a directory for nearly every file.
    private static void LookAtFew(int directory, List<DirectoryItem> items)
    {
        if (items.Count > Few)
            return;
        for (var i = 0; i < items.Count; i++)
        {
            // Whatever is not as it was read is left to the look by its path, which says why.
            if (items[i] is { Kind: FileKind.File, Name: var name }
                && LinuxNative.Statx(directory, name, LinuxNative.AtSymlinkNoFollow, LinuxNative.StatxWanted, out var buffer) == 0
                && Convert(buffer) is { Kind: FileKind.File } look)
                items[i] = items[i] with { Length = look.Length, ModifiedTicks = look.ModifiedTicks };
        }
    }

    private DirectoryItem Item(string directory, ReadOnlySpan<byte> name, byte type)
    {
        if (Decode(name) is not { } text)
            return new DirectoryItem(Encoding.UTF8.GetString(name), FileKind.BadName);
        var kind = type switch
        {
            0 => Look(directory + "/" + text).Kind, // DT_UNKNOWN: the file system does not tell
            4 => FileKind.Directory,
            8 => FileKind.File,
            10 => FileKind.Link,
            _ => FileKind.Special,
        };
        return new DirectoryItem(text, kind);
    }

    private static FileLook Look(int descriptor, string path) =>
        LinuxNative.Statx(descriptor, "", LinuxNative.AtEmptyPath, LinuxNative.StatxWanted, out var buffer) == 0 ? Convert(buffer) : throw Failure(path);

    private static FileLook Convert(in LinuxNative.StatxBuffer buffer)
    {
        var kind = (buffer.Mode & 0xF000) switch
        {
            0x8000 => FileKind.File,
            0x4000 => FileKind.Directory,
            0xA000 => FileKind.Link,
            _ => FileKind.Special,
        };
        // A clock gone wild on the server must not end a listing.
        var seconds = Math.Clamp(buffer.ModifiedSeconds, -62_135_596_800, 253_402_300_799);
        var ticks = DateTime.UnixEpoch.Ticks + seconds * TimeSpan.TicksPerSecond + buffer.ModifiedNanoseconds / 100;
        return new FileLook(kind, (long)buffer.Size, ticks, buffer.Inode, (ulong)buffer.DeviceMajor << 32 | buffer.DeviceMinor);
    }

    private static string? Decode(ReadOnlySpan<byte> name)
    {
        if (!System.Text.Unicode.Utf8.IsValid(name))
            return null;
        return Strict.GetString(name);
    }

    private static IOException Failure(string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{Marshal.GetPInvokeErrorMessage(error)}: '{path}'", error);
    }
}
