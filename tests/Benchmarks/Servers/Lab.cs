using System.Globalization;
using System.Text.Json;
using RegistryMigration.Benchmarks.Running;

namespace RegistryMigration.Benchmarks.Servers;

/// <summary>One server of tests/Lab, with all its state in a directory.</summary>
/// <param name="tool">Runs the lab's script.</param>
/// <param name="directory">The state directory.</param>
/// <param name="server">The lab's name of the server.</param>
/// <param name="settings">The lab's settings.</param>
internal sealed class Lab(Tool tool, string directory, string server, IReadOnlyDictionary<string, string> settings)
{
    private static readonly string Script = Path.Combine(Repository.Root, "tests", "Lab", "lab.sh");

    /// <summary>Why there can be no lab here, else null.</summary>
    public static string? WhyNot => File.Exists("/etc/debian_version") && Environment.IsPrivilegedProcess
        ? null
        : "The servers come from Debian's packages and are started as root, and this is not Debian or not root.";

    /// <summary>Installs what the lab needs.</summary>
    public static async Task InstallAsync(Tool tool, CancellationToken cancellationToken) =>
        await tool.RequireAsync(new CommandLine("bash", Script, "install", "packages"), cancellationToken);

    /// <summary>Starts the server from nothing; it ends with this process at the latest.</summary>
    /// <returns>What the lab says about the server.</returns>
    public async Task<JsonElement> StartAsync(CancellationToken cancellationToken)
    {
        await StopAsync(cancellationToken);
        var owner = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        await tool.RequireAsync(new CommandLine("bash", Script, "up", directory, "--owner", owner, "--delete", server) { Environment = settings }, cancellationToken);
        await using var file = File.OpenRead(Path.Combine(directory, "lab.json"));
        using var description = await JsonDocument.ParseAsync(file, cancellationToken: cancellationToken);
        return description.RootElement.GetProperty(server).Clone();
    }

    /// <summary>Processor seconds of the server since its start.</summary>
    public double CpuSeconds => ServerProcessors.Read(directory);

    /// <summary>Stops the server and removes everything it kept.</summary>
    public async Task StopAsync(CancellationToken cancellationToken) =>
        await tool.RequireAsync(new CommandLine("bash", Script, "down", directory, "--delete"), cancellationToken);
}
