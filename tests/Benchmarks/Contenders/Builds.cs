using System.Diagnostics;
using RegistryMigration.Benchmarks.Running;

namespace RegistryMigration.Benchmarks.Contenders;

/// <summary>Builds this project's own tools the way that users get them.</summary>
internal static class Builds
{
    /// <summary>Runs dotnet in the repository, with the caller's own environment.</summary>
    /// <exception cref="InvalidOperationException">The build failed.</exception>
    public static async Task RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What `dotnet run` tells this program about the SDK is not meant for another build.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        using var process = new Process { StartInfo = start };
        var result = await Tool.FinishAsync(process, _ => { }, cancellationToken);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"dotnet {string.Join(' ', arguments)} failed: {result.LastWords}");
    }
}
