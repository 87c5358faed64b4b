using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>A proof by pulling as a journal holds it.</summary>
/// <param name="Registry">The registry that was asked.</param>
/// <param name="Images">Images pulled, every byte hashed.</param>
/// <param name="Failed">Those that were not served as their digests say.</param>
/// <param name="Bytes">Bytes received.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="Duration">How long it took.</param>
public sealed record PullRecord(string Registry, long Images, long Failed, long Bytes, DateTimeOffset StartedAt, TimeSpan Duration)
{
    /// <summary>At least one image was pulled, and all of them unharmed.</summary>
    public bool IsProof => Images > 0 && Failed == 0;

    /// <summary>The proof that a step holds; null where it is another kind of step.</summary>
    public static PullRecord? Read(MigrationStep step) => step is { Action: StepActions.Pull, After: { } after }
        ? new PullRecord(Fields.Text(after, "registry"), Fields.Number(after, "images"), Fields.Number(after, "failed"), Fields.Number(after, "bytes"), step.Started, Fields.Time(after, "seconds"))
        : null;

    /// <summary>The step to record.</summary>
    /// <param name="steps">The steps so far, which decide on its number.</param>
    public MigrationStep ToStep(IReadOnlyList<MigrationStep> steps) => new()
    {
        Id = RecurringStep.IdOfRecord(steps, StepActions.Pull),
        Action = StepActions.Pull,
        Target = Registry,
        State = IsProof ? MigrationStepState.Done : MigrationStepState.Failed,
        Started = StartedAt,
        Finished = StartedAt + Duration,
        By = "",
        Proof = FormattableString.Invariant($"{Images} images pulled and hashed ({Bytes} bytes), {Failed} failed"),
        Error = IsProof ? null : Images == 0 ? "no image was pulled" : FormattableString.Invariant($"{Failed} images are not served as their digests say"),
        After = new JsonObject
        {
            ["registry"] = Registry,
            ["images"] = Images,
            ["failed"] = Failed,
            ["bytes"] = Bytes,
            ["seconds"] = Duration.TotalSeconds,
        },
    };
}
