using System.Management.Automation;

namespace RegistryMigration.Pipeline;

/// <summary>PowerShell's side of a cmdlet: all of it may be called by the pipeline thread only, and any call may throw to stop the pipeline.</summary>
internal interface ICommandPipeline
{
    void WriteObject(object value);

    void WriteError(CommandError error);

    void WriteWarning(string message);

    void WriteVerbose(string message);

    void WriteProgress(ProgressNotice notice);

    IEnumerable<object?> Invoke(ScriptBlock script);
}
