using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Engine.Tests.Support;

namespace RegistryMigration.Clusters.Tests.Migrations;

/// <summary>A cluster, two machines' folders and two admins.</summary>
internal sealed class MigrationSpace : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("migration-");

    public FakeKubernetes Cluster { get; } = new();

    public SteppedTime Time { get; } = new();

    public List<string> Notices { get; } = [];

    public MigrationSession Anna => Session("anna", 7);

    public MigrationSession Ben => Session("ben", 8);

    public MigrationPlace Here => Place("here");

    public MigrationPlace There => Place("there");

    public NewMigration New => new() { Place = Here, System = "Test", Source = "/old", Destination = "s3://new" };

    public MigrationPlace Place(string machine) => new("m", Path.Combine(_folder.FullName, machine, "m.jsonl"), "registry");

    public void Dispose() => _folder.Delete(recursive: true);

    private MigrationSession Session(string user, int process) => new()
    {
        User = user,
        Machine = "host-" + user,
        ProcessId = process,
        ModuleVersion = "0.1.0",
        Time = Time,
        Notices = new Collector(Notices),
        Details = new Collector(Notices),
    };

    private sealed class Collector(List<string> list) : IProgress<string>
    {
        public void Report(string value)
        {
            lock (list)
                list.Add(value);
        }
    }
}

/// <summary>A step that changes a number.</summary>
internal sealed class CountingStep(string id) : IMigrationStep
{
    public string Id => id;

    public string Action => "Count";

    public string Target => "a number";

    public int Applied { get; private set; }

    public Func<CancellationToken, Task> Around { get; init; } = _ => Task.CompletedTask;

    public Task<JsonObject> CaptureAsync(CancellationToken cancellationToken) => Task.FromResult(new JsonObject { ["n"] = 1 });

    public async Task<StepResult> ApplyAsync(JsonObject before, CancellationToken cancellationToken)
    {
        await Around(cancellationToken);
        Applied++;
        return new StepResult("counted");
    }
}
