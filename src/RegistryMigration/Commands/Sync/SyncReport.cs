using System.Management.Automation;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using static RegistryMigration.Views.SizeText;

namespace RegistryMigration.Commands.Sync;

/// <summary>Says in words and records what a sync would do, does, and did.</summary>
internal static class SyncReport
{
    /// <summary>Failures that are written as errors of their own; the result carries more.</summary>
    public const int MaxErrors = 20;

    /// <summary>A plan in one line.</summary>
    public static string Describe(SyncPlan plan) =>
        $"{OfCount(plan.Copies)} entries ({OfBytes(plan.Bytes)}) to copy, {OfCount(plan.Overwrites)} of them replace something else; "
        + $"{OfCount(plan.Unchanged)} are there already; {OfCount(plan.OnlyAtTarget)} are only at the destination; {OfCount(plan.Skipped.Sum(skipped => skipped.Count))} left out by meaning.";

    /// <summary>What a plan would change, for -WhatIf.</summary>
    public static string Describe(SyncPlan plan, RegistryStore source, RegistryStore destination, bool prune) =>
        $"Copy {OfCount(plan.Copies)} entries ({OfBytes(plan.Bytes)}; {OfCount(plan.Overwrites)} replace something else) from {source} to {destination}"
        + (prune ? $", and delete {OfCount(plan.OnlyAtTarget)} entries there" : "");

    /// <summary>A result in one line.</summary>
    public static string Describe(SyncResult result) =>
        $"{result.Status} in {OfTime(result.Duration)}: compared {OfCount(result.Listed)}, copied {OfCount(result.Copied)} ({OfBytes(result.CopiedBytes)}, {OfRate(result.BytesPerSecond)}), "
        + $"deleted {OfCount(result.Deleted)}, failed {OfCount(result.Failed)}, gone meanwhile {OfCount(result.Vanished)}; "
        + $"{OfCount(result.SourceTraffic.Requests)} + {OfCount(result.DestinationTraffic.Requests)} requests, {OfCount(result.SourceTraffic.Retries + result.DestinationTraffic.Retries)} sent again.";

    /// <summary>Two records: the pass, and the copying in it.</summary>
    public static IReadOnlyList<ProgressNotice> Describe(SyncProgress progress, string activity) =>
    [
        new(0, activity, $"{progress.Phase}: compared {OfCount(progress.Listed)}, {OfCount(progress.Unchanged)} are there already{(progress.Failed > 0 ? $", {OfCount(progress.Failed)} failed" : "")}"),
        new(1, "Copying", $"{OfCount(progress.Copied)} of {OfCount(progress.Planned)}, {OfBytes(progress.CopiedBytes)} of {OfBytes(progress.PlannedBytes)}, {OfRate(progress.BytesPerSecond)}, {progress.Concurrency} at a time",
            ProgressNotice.PercentOf(progress.CopiedBytes, progress.PlannedBytes), progress.Remaining),
    ];

    /// <summary>Writes what went wrong: the pass first, so that -ErrorAction Stop meets its id, then the first entries; then warnings; then the result.</summary>
    public static async Task WriteAsync(SyncResult result, ICommandOutput output, CancellationToken cancellationToken)
    {
        output.Verbose(Describe(result));
        if (result.Status == SyncStatus.Failed)
            await output.WriteErrorAsync(FailureOf(result), cancellationToken);
        foreach (var failure in result.Failures.Take(MaxErrors))
            await output.WriteErrorAsync(ErrorMapper.Map(failure), cancellationToken);
        foreach (var warning in Warnings(result))
            output.Warn(warning);
        await output.WriteAsync(result, cancellationToken);
    }

    /// <summary>The error of a failed pass; the result is its target.</summary>
    public static CommandError FailureOf(SyncResult result)
    {
        var first = result.Failures.Count > 0 ? $" First: {result.Failures[0].Key}: {result.Failures[0].Message}" : "";
        return new CommandError("SyncFailed", ErrorCategory.OperationStopped,
            $"{OfCount(result.Failed)} entries could not be copied from {result.Source} to {result.Destination}; {OfCount(result.Copied)} were.{first}",
            "Remove the cause, then run the same command again: what is there already is not copied again.", result);
    }

    private static IEnumerable<string> Warnings(SyncResult result)
    {
        if (result.Failures.Count > MaxErrors)
            yield return $"{OfCount(result.Failed - MaxErrors)} more entries failed; the result's Failures lists the first {OfCount(result.Failures.Count)}.";
        if (result.Defects.Count > 0)
        {
            var kinds = string.Join(", ", result.Defects.GroupBy(defect => defect.Kind).Select(kind => $"{kind.Count()} {kind.Key}"));
            yield return $"{result.Source} has defects of its own ({kinds}), listed in the result's Defects. Images that need these entries were broken before; everything else was copied.";
        }

        if (result.ServerSideCopied > 0)
            yield return $"{OfCount(result.ServerSideCopied)} objects were copied by the server itself and not read here. Prove them with Test-RegistryStore -Deep, or copy with -NoServerSideCopy.";
        if (result.Deferred > 0)
            yield return $"{OfCount(result.Deferred)} links wait for content that was not at the destination yet. Run the same command again; block writes for the last pass.";
    }
}
