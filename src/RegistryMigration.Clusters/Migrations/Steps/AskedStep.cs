using System.Text.Json.Nodes;
using RegistryMigration.Engine.Journal;

namespace RegistryMigration.Clusters.Migrations.Steps;

/// <summary>A step whose record keeps what it was asked.</summary>
/// <param name="step">The step.</param>
/// <param name="terms">What it was asked.</param>
internal sealed class AskedStep(IMigrationStep step, StepTerms terms) : IMigrationStep
{
    /// <inheritdoc />
    public string Id => step.Id;

    /// <inheritdoc />
    public string Action => step.Action;

    /// <inheritdoc />
    public string Target => step.Target;

    /// <inheritdoc />
    public async Task<JsonObject> CaptureAsync(CancellationToken cancellationToken)
    {
        var record = await step.CaptureAsync(cancellationToken);
        terms.WriteTo(record);
        return record;
    }

    /// <inheritdoc />
    public Task TryAsync(JsonObject before, CancellationToken cancellationToken) => step.TryAsync(before, cancellationToken);

    /// <inheritdoc />
    public Task<StepResult> ApplyAsync(JsonObject before, CancellationToken cancellationToken) => step.ApplyAsync(before, cancellationToken);
}
