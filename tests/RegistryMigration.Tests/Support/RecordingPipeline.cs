using RegistryMigration.Pipeline;

namespace RegistryMigration.Tests.Support;

/// <summary>Stands where PowerShell's pipeline thread would be.</summary>
internal sealed class RecordingPipeline : ICommandPipeline
{
    public List<object> Objects { get; } = [];

    public List<CommandError> Errors { get; } = [];

    public List<string> Warnings { get; } = [];

    public List<string> Summaries { get; } = [];

    public List<ProgressNotice> Progress { get; } = [];

    public List<string> Order { get; } = [];

    public int Thread { get; } = Environment.CurrentManagedThreadId;

    /// <summary>Runs before each object is taken; throw to end the pipeline.</summary>
    public Action<object>? OnObject { get; init; }

    public void WriteObject(object value)
    {
        Assert.Equal(Thread, Environment.CurrentManagedThreadId);
        OnObject?.Invoke(value);
        Objects.Add(value);
        Order.Add("object");
    }

    public void WriteError(CommandError error)
    {
        Errors.Add(error);
        Order.Add(error.Id);
    }

    public void WriteWarning(string message)
    {
        Warnings.Add(message);
        Order.Add("warning");
    }

    public void WriteVerbose(string message) => Summaries.Add(message);

    public void WriteProgress(ProgressNotice notice) => Progress.Add(notice);

    public IEnumerable<object?> Invoke(System.Management.Automation.ScriptBlock script) => throw new NotSupportedException("A script needs a host: the scenarios run some.");
}
