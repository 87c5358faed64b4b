using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.FileSystem;

/// <summary>Turns what the file system says into <see cref="StoreErrorKind"/>s with a next step.</summary>
internal static class FileFailures
{
    /// <summary>Whether an exception is one of the file system's.</summary>
    public static bool Is(Exception exception) => exception is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value" };

    /// <summary>Whether a path was not there.</summary>
    public static bool IsMissing(Exception exception) =>
        exception is FileNotFoundException or DirectoryNotFoundException || exception is IOException && exception.HResult is Errno.NoEntry or Errno.NotDirectory;

    /// <summary>The store error for a failure at a key, a prefix or (null) the store itself.</summary>
    public static StoreException From(Exception exception, string store, string? key)
    {
        var at = string.IsNullOrEmpty(key) ? store : $"'{KeyRules.Show(key)}' in {store}";
        var (kind, message) = Describe(exception, at, store);
        return new StoreException(kind, message, exception) { Store = store, Key = key };
    }

    private static (StoreErrorKind Kind, string Message) Describe(Exception exception, string at, string store) => exception switch
    {
        PathTooLongException => (StoreErrorKind.InvalidKey, $"The path of {at} is too long for the file system. Use a directory with a shorter path."),
        UnauthorizedAccessException => Denied(at),
        // .NET's reading of EFBIG.
        ArgumentOutOfRangeException => Full(at, store, exception),
        _ when IsMissing(exception) => (StoreErrorKind.NotFound, $"There is no {at}."),
        _ => FromNumber(exception, at, store),
    };

    private static (StoreErrorKind Kind, string Message) FromNumber(Exception exception, string at, string store) => exception.HResult switch
    {
        Errno.Access or Errno.NotPermitted => Denied(at),
        Errno.NoSpace or Errno.Quota or Errno.QuotaOnMac or Errno.FileTooBig or Errno.WindowsDiskFull or Errno.WindowsHandleDiskFull => Full(at, store, exception),
        Errno.ReadOnlyFileSystem or Errno.WindowsWriteProtected => (StoreErrorKind.ReadOnly, $"{store} is on a read-only file system: {at} can't be written. Mount it writable, or choose another target."),
        Errno.NameTooLong => (StoreErrorKind.InvalidKey, $"The name of {at} is too long for the file system. Rename it at the source, or use a directory with a shorter path."),
        Errno.IsDirectory or Errno.Exists => (StoreErrorKind.Conflict, $"A directory and a file want the same name at {at}. Remove the one that does not belong there."),
        Errno.TooManyOpenFiles or Errno.TooManyOpenFilesInSystem => (StoreErrorKind.Throttled, $"Too many files are open to reach {at}. Raise the limit (ulimit -n), or lower the number of transfers."),
        Errno.StaleHandle or Errno.TimedOut => (StoreErrorKind.Transient, $"The file server did not hold on to {at}: {exception.Message}"),
        _ => (StoreErrorKind.Other, $"The file system failed at {at}: {exception.Message}. Check the disk and the kernel's log."),
    };

    private static (StoreErrorKind Kind, string Message) Denied(string at) =>
        (StoreErrorKind.Denied, $"This user may not reach {at}. Run as the user that owns the directory, or give this one the right.");

    private static (StoreErrorKind Kind, string Message) Full(string at, string store, Exception exception) =>
        (StoreErrorKind.Full, $"No room for {at}: {exception.Message}. Free space or raise the quota of {store}, then run again: what is there already is not copied twice.");
}
