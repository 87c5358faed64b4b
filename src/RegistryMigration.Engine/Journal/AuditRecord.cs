using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>An audit as a journal holds it.</summary>
/// <param name="Store">The address of what was audited.</param>
/// <param name="IsDeep">Whether every blob was hashed.</param>
/// <param name="IsPartial">Whether filters left repositories out.</param>
/// <param name="Blobs">Blobs seen.</param>
/// <param name="BlobBytes">Bytes of these.</param>
/// <param name="Manifests">Manifests read.</param>
/// <param name="Defects">Defects in all.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="Duration">How long it took.</param>
public sealed record AuditRecord(string Store, bool IsDeep, bool IsPartial, long Blobs, long BlobBytes, long Manifests, long Defects, DateTimeOffset StartedAt, TimeSpan Duration)
{
    /// <summary>What to keep of a result.</summary>
    public static AuditRecord Of(AuditResult result, bool isPartial, DateTimeOffset startedAt)
    {
        ArgumentNullException.ThrowIfNull(result);
        return new AuditRecord(result.Store.ToString(), result.Deep, isPartial, result.Blobs, result.BlobBytes, result.Manifests, result.DefectCount, startedAt, result.Duration);
    }

    /// <summary>The audit that a step holds; null where it is another kind of step.</summary>
    public static AuditRecord? Read(MigrationStep step) => step is { Action: StepActions.Audit, After: { } after }
        ? new AuditRecord(
            Fields.Text(after, "store"), Fields.Flag(after, "deep"), Fields.Flag(after, "partial"), Fields.Number(after, "blobs"), Fields.Number(after, "blobBytes"),
            Fields.Number(after, "manifests"), Fields.Number(after, "defects"), step.Started, Fields.Time(after, "seconds"))
        : null;

    /// <summary>The step to record.</summary>
    /// <param name="steps">The steps so far, which decide on its number.</param>
    public MigrationStep ToStep(IReadOnlyList<MigrationStep> steps) => new()
    {
        Id = RecurringStep.IdOfRecord(steps, StepActions.Audit),
        Action = StepActions.Audit,
        Target = Store,
        State = Defects == 0 ? MigrationStepState.Done : MigrationStepState.Failed,
        Started = StartedAt,
        Finished = StartedAt + Duration,
        By = "",
        Proof = FormattableString.Invariant($"{Manifests} manifests and {Blobs} blobs ({BlobBytes} bytes){(IsDeep ? ", every byte hashed" : "")}: {Defects} defects{(IsPartial ? "; only a part" : "")}"),
        Error = Defects == 0 ? null : FormattableString.Invariant($"{Defects} defects"),
        After = new JsonObject
        {
            ["store"] = Store,
            ["deep"] = IsDeep,
            ["partial"] = IsPartial,
            ["blobs"] = Blobs,
            ["blobBytes"] = BlobBytes,
            ["manifests"] = Manifests,
            ["defects"] = Defects,
            ["seconds"] = Duration.TotalSeconds,
        },
    };
}
