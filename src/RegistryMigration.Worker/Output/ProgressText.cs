using RegistryMigration.Model;

namespace RegistryMigration.Worker.Output;

/// <summary>Progress as one line for people.</summary>
internal static class ProgressText
{
    /// <summary>Where a sync is.</summary>
    public static string Of(SyncProgress progress)
    {
        var failed = progress.Failed > 0 ? $" · {Quantity.Count(progress.Failed)} failed" : "";
        var left = progress.Remaining is { } remaining ? $" · {Quantity.Time(remaining)} left" : "";
        return $"{progress.Phase}: {Quantity.Count(progress.Copied)} of {Quantity.Count(progress.Planned)} copied, {Quantity.Bytes(progress.CopiedBytes)} of {Quantity.Bytes(progress.PlannedBytes)}"
            + $" · {Quantity.Bytes((long)progress.BytesPerSecond)}/s · {Quantity.Count(progress.Unchanged)} unchanged{failed}{left}";
    }

    /// <summary>Where an audit is.</summary>
    public static string Of(AuditProgress progress) =>
        $"{progress.Phase}: {Quantity.Count(progress.Done)} checked, {Quantity.Bytes(progress.Bytes)} read · {Quantity.Count(progress.Defects)} defects";
}
