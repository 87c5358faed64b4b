using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RegistryMigration.Benchmarks.Reporting;

/// <summary>Results as JSON: one file for each workload in a folder, or all of them as one array.</summary>
internal static class ResultFiles
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        // Commands are full of quotes, which shall stay readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes one workload's results beside those of others; an earlier file of the same workload is replaced.</summary>
    public static async Task SaveAsync(string folder, WorkloadResult result, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, result.Workload + ".json"), JsonSerializer.Serialize(result, Options) + "\n", cancellationToken);
    }

    /// <summary>Reads the results of some workloads, in their order, as far as there are any.</summary>
    public static async Task<IReadOnlyList<WorkloadResult>> LoadAsync(string folder, IEnumerable<string> workloads, CancellationToken cancellationToken)
    {
        var results = new List<WorkloadResult>();
        foreach (var file in workloads.Select(workload => Path.Combine(folder, workload + ".json")).Where(File.Exists))
            results.Add(JsonSerializer.Deserialize<WorkloadResult>(await File.ReadAllTextAsync(file, cancellationToken), Options)!);
        return results;
    }

    /// <summary>Writes all of them as one array.</summary>
    public static Task WriteAsync(string file, IReadOnlyList<WorkloadResult> results, CancellationToken cancellationToken) =>
        File.WriteAllTextAsync(file, JsonSerializer.Serialize(results, Options) + "\n", cancellationToken);
}
