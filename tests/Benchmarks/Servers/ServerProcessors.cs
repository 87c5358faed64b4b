using System.Globalization;

namespace RegistryMigration.Benchmarks.Servers;

/// <summary>Processor time of the servers of a lab, with their children: what the other side of a copy costs, whoever copies.</summary>
internal static class ServerProcessors
{
    // USER_HZ, which Linux fixes at 100 for all that programs see (man 5 proc).
    private const double TicksPerSecond = 100;

    /// <summary>User and system seconds since the start of all processes that a lab's servers consist of, and of those that ended.</summary>
    /// <param name="directory">The lab's state directory. Each server in it leads a session of its own.</param>
    public static double Read(string directory)
    {
        var sessions = Directory.EnumerateFiles(Path.Combine(directory, "run"), "*.pid").Select(file => File.ReadAllText(file).Split(' ')[0]).ToHashSet(StringComparer.Ordinal);
        var ticks = 0L;
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            try
            {
                ticks += Ticks(File.ReadAllText(Path.Combine(process, "stat")), sessions);
            }
            catch (IOException)
            {
                // It has just ended; its parent has its time.
            }
        }

        return ticks / TicksPerSecond;
    }

    /// <summary>The ticks in a line of <c>/proc/PID/stat</c>, with those of children that were waited for; 0 where it belongs to another session.</summary>
    public static long Ticks(string stat, IReadOnlySet<string> sessions)
    {
        // The name before it may hold blanks and brackets. Fields from the third on: 3 is the session, 11 to 14 the times.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return sessions.Contains(fields[3]) ? fields[11..15].Sum(field => long.Parse(field, CultureInfo.InvariantCulture)) : 0;
    }
}
