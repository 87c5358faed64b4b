using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Migrations.Steps;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay.Steps;

/// <summary>Quay refuses writes with <c>DISABLE_PUSHES</c>, or with <c>REGISTRY_STATE: readonly</c>.</summary>
/// <param name="step">The step's id; empty for an undo.</param>
/// <param name="migration">The migration so far.</param>
/// <param name="host">Where the configuration is.</param>
/// <param name="key">The key of a Quay whose database is to be read-only too.</param>
internal sealed class StateGate(string step, RegistryMigrationInfo migration, IQuayHost host, QuayServiceKey? key = null) : IWriteGate
{
    private const string States = "states";
    private const string KeyField = "serviceKey";

    /// <inheritdoc />
    public string Target => host.Target;

    /// <inheritdoc />
    public string? Hint => key is null ? $"A Quay before {QuayVersion.First} does not know DISABLE_PUSHES: undo, and give a service key with -ServiceKey." : null;

    /// <inheritdoc />
    public bool IsProvenByRestart => host.IsRestartedByHand;

    /// <summary>
    /// A pass that began after the switch: <c>DISABLE_PUSHES</c> does not refuse the last PUT of an upload that was begun before (endpoints/v2/blob.py,
    /// monolithic_upload_or_last_chunk), so that a blob may have come to the old storage until the last pod let go of it. The database knows it, and clients would not push it again.
    /// </summary>
    public string? MissingSince(MigrationStep switched)
    {
        ArgumentNullException.ThrowIfNull(switched);
        var sources = migration.Passes.Where(pass => pass.Destination == switched.Target && pass.StartedAt < switched.Started && !pass.IsOntoItself).Select(pass => pass.Source).ToHashSet(StringComparer.Ordinal);
        return migration.Passes.Any(pass => pass is { IsWhole: true, IsOntoItself: false } && pass.Destination == switched.Target && pass.StartedAt >= switched.Finished && (sources.Count == 0 || sources.Contains(pass.Source)))
            ? null
            : "No pass from the old storage to the new one began after the switch, and uploads that were begun before pushes were blocked may have ended until then. Run Sync-RegistryBlobs once more with -Migration.";
    }

    /// <inheritdoc />
    public async Task<JsonObject> CaptureAsync(bool block, CancellationToken cancellationToken)
    {
        var now = await host.ReadAsync(cancellationToken);
        if (block && key is null && QuayVersion.KnowsDisablePushes(now.Registry) == false)
            throw new ClusterException(ClusterErrorKind.Precondition, $"Quay {now.Registry.Version} does not know DISABLE_PUSHES, which came with {QuayVersion.First}. Make a service key with New-QuayServiceKey and give it with -ServiceKey, which makes Quay read-only by REGISTRY_STATE.") { Target = host.Target };
        if (!block && RemovalGate.SwitchOf(migration.Steps) is { } switched && !SwitchStorageStep.IsInUse(now.Registry, switched))
            throw new ClusterException(ClusterErrorKind.Precondition, $"Quay keeps its images in {string.Join("; ", now.Registry.Locations)} by now, and not in {switched.Target}, which this migration switched to: somebody has changed the configuration. Run Switch-RegistryBackend again, or undo the migration; writes stay blocked.") { Target = host.Target };
        var record = await host.CaptureAsync(now, Edit(now, block), step, cancellationToken);
        WayBack.SetReadOnly(record, QuayStates.Of(now.Effective) != QuayState.Normal);
        record[States] = QuayStates.Record(now.Given);
        if (key is not null)
            record[KeyField] = key.Id;
        return record;
    }

    /// <inheritdoc />
    public async Task<string> SetAsync(JsonObject before, bool block, CancellationToken cancellationToken)
    {
        var runs = await host.ApplyAsync(before, now => Edit(now, block), cancellationToken);
        // An undo goes back over each configuration that there was.
        return block || Blocks().Select(step => KeyOf(step.Before)).LastOrDefault(id => id is not null) is not { } id ? runs
            : $"{runs}; keep the service key {id} until the migration is completed or undone, since its undo starts Quay with that once more; Remove-QuayServiceKey deletes it then";
    }

    /// <inheritdoc />
    public Task SettleAsync(JsonObject before, CancellationToken cancellationToken) => host.SettleAsync(before, cancellationToken);

    /// <inheritdoc />
    public async Task<string> RestoreAsync(JsonObject before, CancellationToken cancellationToken)
    {
        var runs = await host.RestoreAsync(before, cancellationToken);
        return KeyOf(before) is { } id ? $"{runs}; nothing needs the service key {id} any more: Remove-QuayServiceKey deletes it" : runs;
    }

    /// <inheritdoc />
    public string Describe(JsonObject before) => host.Describe(before);

    private static string? KeyOf(JsonObject? before) => (string?)before?[KeyField];

    private IEnumerable<MigrationStep> Blocks() => migration.Steps.Where(known => known is { Action: StepActions.BlockWrites, State: not MigrationStepState.Undone });

    private QuayEdit Edit(QuayNow now, bool block)
    {
        if (block)
            return QuayStates.Block(now.Given, key);
        var blocks = Blocks().Select(known => known.Before).OfType<JsonObject>().ToList();
        return QuayStates.Allow(now.Given, blocks.FirstOrDefault()?[States] as JsonObject, FileRecord.AddedBy(blocks));
    }
}
