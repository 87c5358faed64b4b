namespace RegistryMigration.Pipeline;

/// <summary>Passes on what is told, at once: <see cref="Progress{T}"/> would post to the thread pool and mix up the order.</summary>
internal sealed class Teller(Action<string> tell) : IProgress<string>
{
    public void Report(string value) => tell(value);
}
