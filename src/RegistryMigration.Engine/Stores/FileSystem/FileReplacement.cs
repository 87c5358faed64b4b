using System.Text;

namespace RegistryMigration.Engine.Stores.FileSystem;

/// <summary>Replaces a file whole or not at all, for those who read it under other accounts.</summary>
public static class FileReplacement
{
    // Always the same, so that what a killed process left is found by the next one.
    private const string Ending = ".registrymigration.tmp";

    /// <summary>Writes a file; durable when it returns. One at a time.</summary>
    /// <param name="path">The file; where it is a symbolic link, what that points to.</param>
    /// <param name="text">All of its text.</param>
    /// <param name="like">The file whose owner, group and permissions it gets.</param>
    /// <param name="cancellationToken">Ends the write; the file is as it was.</param>
    /// <exception cref="IOException">It can't be written; it is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">This account may not write there, or may not give the file to its owner.</exception>
    public static async Task WriteAsync(string path, string text, string like, CancellationToken cancellationToken)
    {
        path = TargetOf(path);
        var temporary = path + Ending;
        File.Delete(temporary);
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            await using (var stream = new FileStream(temporary, options))
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
                stream.Flush(flushToDisk: true);
            }

            if (OperatingSystem.IsLinux())
                GiveTo(temporary, like);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(temporary, File.GetUnixFileMode(like));
            File.Move(temporary, path, overwrite: true);
            FileCalls.Default.FlushDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch
        {
            Remove(temporary);
            throw;
        }
    }

    /// <summary>Takes away what a process that was killed within <see cref="WriteAsync"/> left of a file.</summary>
    /// <exception cref="IOException">It can't be taken away.</exception>
    /// <exception cref="UnauthorizedAccessException">This account may not.</exception>
    public static void RemoveRemains(string path)
    {
        if (TargetOf(path) + Ending is var temporary && File.Exists(temporary))
            File.Delete(temporary);
    }

    private static string TargetOf(string path) => File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;

    // A program that runs as root must not take the file away from the one that reads it.
    private static void GiveTo(string path, string like)
    {
        var (wanted, made) = (OwnerOf(like), OwnerOf(path));
        if (wanted != made && LinuxNative.ChangeOwner(path, wanted.User, wanted.Group) != 0)
            throw new UnauthorizedAccessException($"{like} belongs to user {wanted.User} and group {wanted.Group}, and a new file can't be given to these by this account. Run as that user, or as root.");
    }

    private static (uint User, uint Group) OwnerOf(string path) =>
        LinuxNative.Statx(LinuxNative.AtFdCwd, path, 0, LinuxNative.StatxOwner, out var status) == 0
            ? (status.User, status.Group)
            : throw new IOException($"The owner of {path} can't be read.");

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What failed before is what counts.
        }
    }
}
