using System.Globalization;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>Options of a sync as the worker's environment variables; what has its default is left out.</summary>
internal static class WorkerSettings
{
    private const string Prefix = "REGISTRYMIGRATION_";
    private const string Source = "SOURCE";
    private const string Destination = "DESTINATION";

    /// <summary>Options that are the same for all parts.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Of(SyncOptions options)
    {
        var defaults = new SyncOptions();
        if (options.Repositories.Count > 0)
            yield return Set("REPOSITORIES", string.Join(',', options.Repositories));
        if (options.Tags.Count > 0)
            yield return Set("TAGS", string.Join(',', options.Tags));
        if (options.NewestTags is { } newest)
            yield return Set("NEWEST_TAGS", newest);
        if (options.Concurrency is { } concurrency)
            yield return Set("CONCURRENCY", concurrency);
        if (options.MaxConcurrency != defaults.MaxConcurrency)
            yield return Set("MAX_CONCURRENCY", options.MaxConcurrency);
        if (options.MemoryBudget != defaults.MemoryBudget)
            yield return Set("MEMORY_BUDGET", options.MemoryBudget);
        if (options.BytesPerSecond is { } rate)
            yield return Set("BYTES_PER_SECOND", rate);
    }

    /// <summary>What a pod needs besides: JSON that is read back, last words, no second attempt at a broken source.</summary>
    public static IEnumerable<KeyValuePair<string, string>> OfPod(SyncDirection direction, string? claimPath) =>
    [
        Set(direction == SyncDirection.FromClaim ? Source : Destination, claimPath is null ? SyncNames.ClaimMount : $"{SyncNames.ClaimMount}/{claimPath.Trim('/')}"),
        Set("JSON", "true"),
        Set("PROGRESS", "json"),
        Set("PROGRESS_INTERVAL", "5s"),
        Set("TERMINATION_MESSAGE", SyncNames.TerminationPath),
        Set("ACCEPT_DEFECTS", "true"),
    ];

    /// <summary>The setting that names the store, with which all its others begin.</summary>
    public static string RoleOfStore(SyncDirection direction) => direction == SyncDirection.FromClaim ? Destination : Source;

    /// <summary>The variable of one setting.</summary>
    public static KeyValuePair<string, string> Set(string name, string value) => new(Prefix + name, value);

    /// <summary>The variable of one setting.</summary>
    public static KeyValuePair<string, string> Set(string name, long value) => new(Prefix + name, value.ToString(CultureInfo.InvariantCulture));
}
