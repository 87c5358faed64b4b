using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>A pass as a journal holds it: what the cut-over asks about, and what the report shows.</summary>
/// <param name="Source">The address of where bytes were read.</param>
/// <param name="Destination">The address of where they were written.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Listed">Entries compared.</param>
/// <param name="Copied">Entries written.</param>
/// <param name="CopiedBytes">Bytes of these.</param>
/// <param name="Deferred">Links that wait for the next pass.</param>
/// <param name="Failed">Entries that could not be copied.</param>
/// <param name="Defects">What is wrong with the content at the source.</param>
/// <param name="IsPartial">Whether filters left a part of the source out.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="Duration">How long it took.</param>
public sealed record PassRecord(
    string Source, string Destination, SyncStatus Status, long Listed, long Copied, long CopiedBytes, long Deferred, long Failed, long Defects,
    bool IsPartial, DateTimeOffset StartedAt, TimeSpan Duration)
{
    /// <summary>Everything that the source had is at the destination.</summary>
    public bool IsWhole => !IsPartial && Status is SyncStatus.Completed && Deferred == 0 && Failed == 0;

    /// <summary>Both stores held the same, and nothing had to be done.</summary>
    public bool CopiedNothing => IsWhole && Copied == 0;

    /// <summary>What to keep of a result.</summary>
    public static PassRecord Of(SyncResult result, bool isPartial)
    {
        ArgumentNullException.ThrowIfNull(result);
        return new PassRecord(result.Source.ToString(), result.Destination.ToString(), result.Status, result.Listed, result.Copied, result.CopiedBytes,
            result.Deferred, result.Failed, result.Defects.Count, isPartial, result.StartedAt, result.Duration);
    }

    /// <summary>The pass that a step holds; null where it is another kind of step.</summary>
    public static PassRecord? Read(MigrationStep step) => step is { Action: StepActions.Pass, After: { } after }
        ? new PassRecord(
            Fields.Text(after, "source"), Fields.Text(after, "destination"), Enum.TryParse<SyncStatus>(Fields.Text(after, "status"), out var status) ? status : SyncStatus.Failed,
            Fields.Number(after, "listed"), Fields.Number(after, "copied"), Fields.Number(after, "copiedBytes"), Fields.Number(after, "deferred"), Fields.Number(after, "failed"),
            Fields.Number(after, "defects"), Fields.Flag(after, "partial"), step.Started, Fields.Time(after, "seconds"))
        : null;

    /// <summary>The step to record.</summary>
    /// <param name="steps">The steps so far, which decide on its number.</param>
    public MigrationStep ToStep(IReadOnlyList<MigrationStep> steps) => new()
    {
        Id = RecurringStep.NextId(steps, StepActions.Pass),
        Action = StepActions.Pass,
        Target = Destination,
        State = Status is SyncStatus.Completed or SyncStatus.CompletedWithDefects ? MigrationStepState.Done : MigrationStepState.Failed,
        Started = StartedAt,
        Finished = StartedAt + Duration,
        By = "",
        Proof = FormattableString.Invariant($"{Status}: compared {Listed}, copied {Copied} ({CopiedBytes} bytes), deferred {Deferred}, failed {Failed}, defects at the source {Defects}{(IsPartial ? "; only a part" : "")}"),
        After = new JsonObject
        {
            ["source"] = Source,
            ["destination"] = Destination,
            ["status"] = Status.ToString(),
            ["listed"] = Listed,
            ["copied"] = Copied,
            ["copiedBytes"] = CopiedBytes,
            ["deferred"] = Deferred,
            ["failed"] = Failed,
            ["defects"] = Defects,
            ["partial"] = IsPartial,
            ["seconds"] = Duration.TotalSeconds,
        },
    };
}
