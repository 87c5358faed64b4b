namespace RegistryMigration.Engine.Stores.FileSystem;

/// <summary>Error numbers as .NET puts them into HResult on Unix (asm-generic/errno.h; where macOS differs, both are there).</summary>
internal static class Errno
{
    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int NoDevice = 6;
    public const int Access = 13;
    public const int Exists = 17;
    public const int NotDirectory = 20;
    public const int IsDirectory = 21;
    public const int Invalid = 22;
    public const int TooManyOpenFilesInSystem = 23;
    public const int TooManyOpenFiles = 24;
    public const int FileTooBig = 27;
    public const int NoSpace = 28;
    public const int ReadOnlyFileSystem = 30;
    public const int TooManyLinks = 31;
    public const int NameTooLong = 36;
    public const int NotImplemented = 38;
    public const int TooManyLevels = 40;
    public const int NotSupported = 95;
    public const int TimedOut = 110;
    public const int StaleHandle = 116;
    public const int Quota = 122;
    public const int QuotaOnMac = 69;

    /// <summary>COR_E_IO: an IOException that carries no number of the system.</summary>
    public const int NoneGiven = unchecked((int)0x80131620);

    // ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL, ERROR_WRITE_PROTECT as HResults.
    public const int WindowsDiskFull = unchecked((int)0x80070070);
    public const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    public const int WindowsWriteProtected = unchecked((int)0x80070013);
}
