using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Model;
using QuayConfig = RegistryMigration.Clusters.Quay.Configuration.QuayConfig;

namespace RegistryMigration.Clusters.Tests.Quay.Steps;

/// <summary>A Quay on a <c>config.yaml</c>, which it reads when it is restarted.</summary>
internal sealed class StandaloneWorld : QuaySteps
{
    private QuayConfig? _running;
    private string _id = "";

    public override QuayConfig? Running => _running;

    /// <summary>The file.</summary>
    public string File { get; private set; } = "";

    /// <summary>What was in it at first.</summary>
    public string First { get; private set; } = "";

    /// <summary>Where blocking writes keeps what it found.</summary>
    public string Backup => BackupOf("");

    public string Text => System.IO.File.ReadAllText(File);

    /// <summary>Called by the steps to restart Quay; null is somebody who has to be waited for.</summary>
    public Func<CancellationToken, Task>? Restarts { get; set; }

    /// <summary>What lies beside the file.</summary>
    public IReadOnlyList<string> Beside => [.. Directory.GetFiles(Path.GetDirectoryName(File)!).Select(path => Path.GetFileName(path)!).Where(name => name != "config.yaml").Order(StringComparer.Ordinal)];

    /// <summary>A world with its migration begun.</summary>
    /// <param name="yaml">The configuration; null is one as people write them.</param>
    /// <param name="directory">Where it lies; null is a directory of the test's own.</param>
    public static async Task<StandaloneWorld> CreateAsync(string? yaml = null, string? directory = null)
    {
        var world = new StandaloneWorld();
        directory ??= Path.Combine(world.Folder, "stack");
        Directory.CreateDirectory(directory);
        world.File = Path.Combine(directory, "config.yaml");
        world.First = (yaml ?? SampleConfig.Local).Replace("/datastorage/registry", world.Old, StringComparison.Ordinal);
        await System.IO.File.WriteAllTextAsync(world.File, world.First, Cancellation);
        world.Restart();
        world.Restarts = _ =>
        {
            world.Restart();
            return Task.CompletedTask;
        };
        await world.BeginAsync(null, world.File);
        world._id = (await world.ReadAsync()).Id[..8];
        return world;
    }

    /// <summary>The same, of a file beside the configuration: its name and a dot.</summary>
    public string BackupOf(string name) => $"{File}.move-{_id}.BlockWrites.{name}bak";

    public override StepContext Context(RegistryMigrationInfo info) => new(info, null, Clock, Timeout, Listener()) { Restart = Restarts };

    /// <summary>Quay reads the file; one whose key it does not find does not start (boot.py).</summary>
    public void Restart()
    {
        var config = QuayConfig.Parse(Text);
        var keys = new[] { "INSTANCE_SERVICE_KEY_KID_LOCATION", "INSTANCE_SERVICE_KEY_LOCATION" }.Select(config.Scalar).OfType<string>().Select(path => Path.Combine(Path.GetDirectoryName(File)!, Path.GetFileName(path)));
        _running = QuayStateOf(config) != QuayState.ReadOnly || keys.Count(System.IO.File.Exists) == 2 ? config : null;
    }
}
