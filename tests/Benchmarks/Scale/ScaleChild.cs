using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace RegistryMigration.Benchmarks.Scale;

/// <summary>Runs a probe in a process of its own, so that its peak of memory is its own, on a single core.</summary>
internal static class ScaleChild
{
    public static async Task<ScaleMeasure> RunAsync(long keys, bool listingOnly, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo { RedirectStandardOutput = true };
        string[] self = [Environment.ProcessPath!, .. Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : Array.Empty<string>()];
        string[] command = [.. Pinned(), .. self, ScaleCommand.ProbeName, keys.ToString(CultureInfo.InvariantCulture), listingOnly ? "true" : "false"];
        start.FileName = command[0];
        foreach (var argument in command[1..])
            start.ArgumentList.Add(argument);
        using var child = Process.Start(start)!;
        try
        {
            var output = await child.StandardOutput.ReadToEndAsync(cancellationToken);
            await child.WaitForExitAsync(cancellationToken);
            return child.ExitCode == 0
                ? JsonSerializer.Deserialize<ScaleMeasure>(output)!
                : throw new InvalidOperationException($"{string.Join(' ', command)} ended with {child.ExitCode}.");
        }
        catch (OperationCanceledException)
        {
            child.Kill();
            throw;
        }
    }

    // The first core that this process may use; only a new process can be pinned with all of its threads.
    private static string[] Pinned() => OperatingSystem.IsLinux() ? ["taskset", "-c", ProcessStatus.Read("Cpus_allowed_list").Split(',', '-')[0]] : [];
}
