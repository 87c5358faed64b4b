using System.Text;

namespace RegistryMigration.Stores;

/// <summary>Writes a text file in one step, so that a full disk leaves no half file and an earlier one as it was.</summary>
internal static class WholeFile
{
    /// <exception cref="IOException">It is there and may not be written over, or the disk does not take it.</exception>
    public static async Task WriteAsync(string path, string text, bool overwrite, CancellationToken cancellationToken)
    {
        var temporary = FormattableString.Invariant($"{path}.{Environment.ProcessId}.tmp");
        try
        {
            await File.WriteAllTextAsync(temporary, text, new UTF8Encoding(false), cancellationToken);
            File.Move(temporary, path, overwrite);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
