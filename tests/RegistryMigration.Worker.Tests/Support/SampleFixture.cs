using RegistryMigration.Worker.Demo;
using RegistryMigration.Worker.Tests.Support;

[assembly: AssemblyFixture(typeof(SampleFixture))]

namespace RegistryMigration.Worker.Tests.Support;

/// <summary>One sample registry for all tests; nobody changes it.</summary>
public sealed class SampleFixture : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();

    public string Path => _directory["registry"];

    public SampleSummary Summary { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Summary = await SampleRegistry.WriteAsync(Path, new SampleOptions(), TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }
}
