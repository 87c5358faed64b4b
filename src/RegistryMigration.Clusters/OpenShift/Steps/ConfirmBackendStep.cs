using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift.Changes;
using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Steps;

/// <summary>Hands the new storage over to the operator (<c>storage.managementState: Managed</c>): from then on a registry that is removed takes its images with it.</summary>
/// <param name="id">The step's id.</param>
/// <param name="migration">The migration so far.</param>
/// <param name="work">What to work with.</param>
public sealed class ConfirmBackendStep(string id, RegistryMigrationInfo migration, StepWork work) : IMigrationStep
{
    /// <inheritdoc />
    public string Id => id;

    /// <inheritdoc />
    public string Action => StepActions.ConfirmBackend;

    /// <inheritdoc />
    public string Target => StepWork.ConfigName;

    /// <inheritdoc />
    public async Task<JsonObject> CaptureAsync(CancellationToken cancellationToken)
    {
        var config = await work.ReadManagedAsync(cancellationToken);
        var missing = RemovalGate.Missing(migration, TimeSpan.Zero, work.Time.GetUtcNow());
        if (missing.Count > 0)
            throw StepWork.Refused($"The new storage is not accepted yet: {string.Join("; ", missing)}.");
        RequireProven(config);
        var record = SpecFields.Record(config, SwitchBackendStep.Storage);
        record["wanted"] = new JsonObject { [SwitchBackendStep.Storage] = config.At("spec", SwitchBackendStep.Storage)?.DeepClone() };
        return record;
    }

    /// <inheritdoc />
    public async Task<StepResult> ApplyAsync(JsonObject before, CancellationToken cancellationToken)
    {
        var config = await work.ChangeAsync(RegistryChange.OfRegistry().When(RequireProven).Set("Managed", SwitchBackendStep.Storage, "managementState"), cancellationToken);
        return new StepResult($"{StorageReader.Read(config.Section("spec", SwitchBackendStep.Storage))} is managed by the operator");
    }

    // Somebody may have changed the storage since it was proven, and what is handed over can be deleted.
    private void RequireProven(Resource config)
    {
        var to = StorageReader.Read(RemovalGate.SwitchOf(migration.Steps)?.Before?["wanted"]?[SwitchBackendStep.Storage] as JsonObject);
        var now = StorageReader.Read(config.Section("spec", SwitchBackendStep.Storage));
        if (!SwitchBackendStep.IsOn(to, now))
            throw StepWork.Refused($"The registry uses {now} by now, and this migration switched to {to} and proved that. Nothing is handed over; look at it with Get-ImageRegistry.");
    }
}
