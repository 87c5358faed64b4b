using Microsoft.Win32.SafeHandles;

namespace RegistryMigration.Engine.Stores.FileSystem;

/// <summary>A file that is whole under a temporary name, open and locked, and not durable yet.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Temporary">The path it has.</param>
/// <param name="Handle">The open file, which also learns of failures to bring it to disk.</param>
/// <param name="IfAbsent">Whether it must not replace what has its name.</param>
internal sealed record WrittenFile(string Key, string Temporary, SafeFileHandle Handle, bool IfAbsent)
{
    // Whoever waits goes on elsewhere: the thread that commits has others to serve.
    private readonly TaskCompletionSource<WriteOutcome> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the file is durable under its name, or with the failure that kept it from there.</summary>
    public Task<WriteOutcome> Done => _done.Task;

    public void Complete(WriteOutcome outcome) => _done.TrySetResult(outcome);

    public void Fail(Exception failure) => _done.TrySetException(failure);

    /// <summary>Closes and removes the file.</summary>
    public void Abandon()
    {
        Handle.Dispose();
        try
        {
            File.Delete(Temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What failed before is what counts; a later run removes the file.
        }
    }
}
