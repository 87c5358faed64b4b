using System.Text;
using System.Text.Json;
using RegistryMigration.Model;

namespace RegistryMigration.Worker.Output;

/// <summary>A result in as many bytes as Kubernetes keeps of a container's last words; it stays readable when the log is gone.</summary>
/// <remarks>https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/: 4096 bytes, the rest is cut off.</remarks>
internal static class TerminationMessage
{
    /// <summary>Bytes that are kept.</summary>
    public const int Limit = 4096;

    private const int LongestText = 300;

    /// <summary>The result as JSON, with as many failures and defects as fit.</summary>
    public static string Of(SyncResult result)
    {
        for (var kept = Math.Max(result.Failures.Count, result.Defects.Count); ; kept = Math.Min(kept / 2, 16))
        {
            var text = JsonSerializer.Serialize(Cut(result, kept), WorkerJson.Default.SyncResult);
            if (kept == 0 || Encoding.UTF8.GetByteCount(text) <= Limit)
                return text;
        }
    }

    /// <summary>Writes the message. A container whose last words can't be written has still done its work, so that is a warning only.</summary>
    public static void Write(string file, SyncResult result, ProgressReporter progress)
    {
        try
        {
            File.WriteAllText(file, Of(result));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            progress.Warn($"The termination message '{file}' can't be written: {e.Message}");
        }
    }

    private static SyncResult Cut(SyncResult result, int kept) => result with
    {
        Failures = [.. result.Failures.Take(kept).Select(failure => failure with { Message = Clip(failure.Message) })],
        Defects = [.. result.Defects.Take(kept).Select(defect => defect with { Message = Clip(defect.Message) })],
    };

    private static string Clip(string text) => text.Length <= LongestText ? text : text[..LongestText] + "…";
}
