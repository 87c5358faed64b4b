using System.Collections.Concurrent;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.FileSystem;

/// <summary>Names of unfinished files, and the removal of those that a killed run left behind.</summary>
/// <remarks>
/// An unfinished file lies beside its final place, is locked while it is written, and gets newer with every block. One that is not
/// locked and has not changed for an hour belongs to nobody (the hour covers file servers without locks: a copy that moves no byte for
/// that long was cut long before). A listing only notes such files, and the store's next write removes them, so that a store that is
/// merely read is never changed.
/// </remarks>
internal sealed class TemporaryFiles(TimeProvider time)
{
    private const string Start = ".rm-";
    private const string End = ".tmp";
    private const int RandomLength = 32;
    private const int MaxNoted = 10_000;
    private static readonly TimeSpan Abandoned = TimeSpan.FromHours(1);

    private readonly ConcurrentQueue<string> _noted = new();

    /// <summary>A new name, which no other writer uses.</summary>
    public static string NewName() => $"{Start}{Guid.NewGuid():N}{End}";

    /// <summary>Whether a name is one of ours.</summary>
    public static bool IsOurs(ReadOnlySpan<char> name) =>
        name.Length == Start.Length + RandomLength + End.Length
        && name.StartsWith(Start, StringComparison.Ordinal) && name.EndsWith(End, StringComparison.Ordinal)
        && Digest.IsHex(name.Slice(Start.Length, RandomLength));

    /// <summary>Remembers an unfinished file for <see cref="RemoveAbandoned"/>.</summary>
    public void Note(string path)
    {
        if (_noted.Count < MaxNoted)
            _noted.Enqueue(path);
    }

    /// <summary>Removes the noted files that nobody writes any more.</summary>
    public void RemoveAbandoned()
    {
        while (_noted.TryDequeue(out var path))
        {
            try
            {
                if (time.GetUtcNow() - File.GetLastWriteTimeUtc(path) < Abandoned)
                    continue;
                using (File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                {
                    // The lock was free.
                }

                File.Delete(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Still written, gone, or not ours to remove: it harms nobody, since listings pass over it.
            }
        }
    }
}
