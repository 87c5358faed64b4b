using System.Management.Automation;

namespace RegistryMigration.Pipeline;

/// <summary>What the work of a cmdlet may say, from any thread.</summary>
internal interface ICommandOutput
{
    /// <summary>Puts an object into the pipeline; waits while the next command is behind.</summary>
    ValueTask WriteAsync(object value, CancellationToken cancellationToken);

    /// <summary>Tells of one item that failed; the work goes on. Waits while the next command is behind.</summary>
    ValueTask WriteErrorAsync(CommandError error, CancellationToken cancellationToken);

    /// <summary>Tells of something that needs a look.</summary>
    void Warn(string message);

    /// <summary>Tells a summary to those who asked for it.</summary>
    void Verbose(string message);

    /// <summary>Runs a script of the user's in the session, and waits until it has ended. What it writes is told as verbose; what it throws is thrown here.</summary>
    Task InvokeAsync(ScriptBlock script, CancellationToken cancellationToken);

    /// <summary>Shows where the work is. Cheap: updates that come faster than anybody can read are dropped.</summary>
    void Report(IReadOnlyList<ProgressNotice> notices);
}
