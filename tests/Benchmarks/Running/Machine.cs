using System.Globalization;
using RegistryMigration.Benchmarks.Reporting;

namespace RegistryMigration.Benchmarks.Running;

/// <summary>What a reader has to know about the machine, and how it is doing.</summary>
internal static class Machine
{
    /// <summary>The machine in words.</summary>
    public static MachineFacts Facts { get; } = new(
        Value("/proc/cpuinfo", "model name"),
        Environment.ProcessorCount,
        Math.Round(double.Parse(Value("/proc/meminfo", "MemTotal").Split(' ')[0], CultureInfo.InvariantCulture) / (1 << 20), 1),
        Value("/etc/os-release", "PRETTY_NAME").Trim('"'),
        File.ReadAllText("/proc/sys/kernel/osrelease").Trim());

    /// <summary>The load average of the last minute.</summary>
    public static double Load => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>Reads every file once, so that all contenders find a source in the page cache.</summary>
    public static Task WarmAsync(string directory, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            var buffer = new byte[1 << 20];
            foreach (var path in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var file = File.OpenHandle(path);
                for (var offset = 0L; RandomAccess.Read(file, buffer, offset) is var length and > 0; offset += length)
                {
                }
            }
        },
        cancellationToken);

    private static string Value(string file, string name) => File.ReadLines(file)
        .Select(line => line.Split([':', '='], 2))
        .FirstOrDefault(parts => parts.Length == 2 && parts[0].Trim() == name)?[1].Trim() ?? "unknown";
}
