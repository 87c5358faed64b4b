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

    /// <summary>Shows where the work is. Cheap: updates that come faster than anybody can read are dropped.</summary>
    void Report(IReadOnlyList<ProgressNotice> notices);
}
