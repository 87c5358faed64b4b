using System.Diagnostics;
using System.Globalization;

namespace RegistryMigration.Benchmarks.Running;

/// <summary>What one run of a program took.</summary>
/// <param name="Result">How it ended.</param>
/// <param name="WallSeconds">From its start to its end.</param>
/// <param name="UserSeconds">Processor seconds in user mode, with those of its children.</param>
/// <param name="SystemSeconds">Processor seconds in the kernel, with those of its children.</param>
/// <param name="PeakMiB">The largest resident set of any single process of it.</param>
internal sealed record MeasuredRun(ToolResult Result, double WallSeconds, double UserSeconds, double SystemSeconds, double PeakMiB)
{
    private const string Timer = "/usr/bin/time";

    /// <summary>Why nothing can be measured here, else null.</summary>
    public static string? WhyNot => File.Exists(Timer) ? null : $"{Timer} is missing: install the package `time`.";

    /// <summary>Runs a program and measures it.</summary>
    /// <remarks>
    /// Through GNU time, and not by waiting for a child of our own: the kernel counts the memory of the process that forks among a
    /// child's peak, and time is small where this program is not. Its times have two digits behind the point.
    /// </remarks>
    /// <param name="tool">Starts it.</param>
    /// <param name="command">The program.</param>
    /// <param name="started">Called once it runs, with what kills it as <c>kill -9</c> does.</param>
    /// <param name="cancellationToken">Kills it.</param>
    public static async Task<MeasuredRun> RunAsync(Tool tool, CommandLine command, Action<Action>? started, CancellationToken cancellationToken)
    {
        var report = Path.GetTempFileName();
        try
        {
            using var process = new Process { StartInfo = tool.StartInfo(command with { File = Timer, Arguments = ["-q", "-f", "%U %S %M", "-o", report, "--", command.File, .. command.Arguments] }) };
            var clock = Stopwatch.StartNew();
            var result = await Tool.FinishAsync(process, running => started?.Invoke(() => KillChildren(running)), cancellationToken);
            var wall = clock.Elapsed.TotalSeconds;
            var figures = (await File.ReadAllLinesAsync(report, cancellationToken))[^1].Split(' ');
            return new MeasuredRun(result, wall, Number(figures[0]), Number(figures[1]), Number(figures[2]) / 1024);
        }
        finally
        {
            File.Delete(report);
        }
    }

    // Not time itself, which shall still report.
    private static void KillChildren(Process timer)
    {
        foreach (var child in File.ReadAllText($"/proc/{timer.Id}/task/{timer.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                using var process = Process.GetProcessById(int.Parse(child, CultureInfo.InvariantCulture));
                process.Kill(entireProcessTree: true);
            }
            catch (ArgumentException)
            {
                // It has just ended by itself.
            }
        }
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
