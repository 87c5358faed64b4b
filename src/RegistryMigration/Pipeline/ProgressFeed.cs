namespace RegistryMigration.Pipeline;

/// <summary>Hands the engine's progress to the queue at once, on the reporting thread; <see cref="Progress{T}"/> would post it and mix up the order.</summary>
internal sealed class ProgressFeed<T>(ICommandOutput output, Func<T, IReadOnlyList<ProgressNotice>> describe) : IProgress<T>
{
    public void Report(T value) => output.Report(describe(value));
}
