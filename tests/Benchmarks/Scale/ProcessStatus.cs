namespace RegistryMigration.Benchmarks.Scale;

/// <summary>What Linux tells of the running process.</summary>
internal static class ProcessStatus
{
    /// <summary>A field of <c>/proc/self/status</c>.</summary>
    public static string Read(string field) =>
        File.ReadLines("/proc/self/status").First(line => line.StartsWith(field + ":", StringComparison.Ordinal))[(field.Length + 1)..].Trim();
}
