namespace RegistryMigration.Pipeline;

/// <summary>Passes everything on and remembers which progress records are on the screen, so that each is taken away again.</summary>
internal sealed class ProgressCleaner(ICommandPipeline pipeline) : ICommandPipeline, IDisposable
{
    private readonly SortedDictionary<int, string> _shown = [];

    public void WriteObject(object value) => pipeline.WriteObject(value);

    public void WriteError(CommandError error) => pipeline.WriteError(error);

    public void WriteWarning(string message) => pipeline.WriteWarning(message);

    public void WriteVerbose(string message) => pipeline.WriteVerbose(message);

    public IEnumerable<object?> Invoke(System.Management.Automation.ScriptBlock script) => pipeline.Invoke(script);

    public void WriteProgress(ProgressNotice notice)
    {
        _shown[notice.Id] = notice.Activity;
        pipeline.WriteProgress(notice);
    }

    /// <summary>Takes the records away, children first.</summary>
    public void Finish()
    {
        foreach (var (id, activity) in _shown.Reverse())
            pipeline.WriteProgress(new ProgressNotice(id, activity, "Done", 100, null, Completed: true));
        _shown.Clear();
    }

    /// <summary>Takes the records away when the pipeline is ending by an exception; a pipeline that is stopped takes nothing, and its host clears the screen.</summary>
    public void Dispose()
    {
        try
        {
            Finish();
        }
        catch (System.Management.Automation.PipelineStoppedException)
        {
        }
    }
}
