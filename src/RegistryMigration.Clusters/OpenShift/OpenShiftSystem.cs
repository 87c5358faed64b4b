using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Clusters.Migrations.Steps;
using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Clusters.OpenShift.Steps;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift;

/// <summary>OpenShift's image registry.</summary>
public sealed class OpenShiftSystem : IMigrationSystem
{
    /// <summary>What migrations of this system say as <see cref="RegistryMigrationInfo.System"/>.</summary>
    public const string SystemName = "OpenShift";

    /// <summary>The only instance.</summary>
    public static readonly OpenShiftSystem Instance = new();

    private OpenShiftSystem()
    {
    }

    /// <inheritdoc />
    public string Name => SystemName;

    /// <inheritdoc />
    public async Task<string> FindEndpointAsync(StepContext context, CancellationToken cancellationToken) =>
        (await ImageRegistryReader.ReadRoutesAsync(StepWork.Of(context).Client, cancellationToken)).OrderByDescending(route => route.IsDefault).FirstOrDefault(route => route is { Exists: true, Registry: not null })?.Registry
            ?? throw new ClusterException(ClusterErrorKind.Precondition, "The registry has no route, so it is not known where to try a push. Give -Registry, or make the default route with Set-ImageRegistry -DefaultRoute $true.");

    /// <inheritdoc />
    public string ProbeRepository(string? user) => ProbeRepositories.OpenShift;

    /// <inheritdoc />
    public Task RemoveProbeAsync(StepContext context, string repository, CancellationToken cancellationToken) =>
        repository == ProbeRepositories.OpenShift ? ProbeRepositories.RemoveAsync(StepWork.Of(context).Client, cancellationToken) : Task.CompletedTask;

    /// <inheritdoc />
    public async Task<IMigrationStep> BlockWritesAsync(StepContext context, BlockRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(request);
        var work = StepWork.Of(context);
        return new BlockWritesStep(RecurringStep.IdOf(context.Migration.Steps, StepActions.BlockWrites, await IsReadOnlyAsync(work, cancellationToken)), context, request.Probe, new ReadOnlyGate(context.Migration.Steps, work));
    }

    /// <inheritdoc />
    public async Task<IMigrationStep> AllowWritesAsync(StepContext context, AllowRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var work = StepWork.Of(context);
        return new AllowWritesStep(RecurringStep.IdOf(context.Migration.Steps, StepActions.AllowWrites, !await IsReadOnlyAsync(work, cancellationToken)), context, request, new ReadOnlyGate(context.Migration.Steps, work));
    }

    /// <inheritdoc />
    public async Task<IMigrationStep> SwitchAsync(StepContext context, SwitchRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(request);
        var work = StepWork.Of(context);
        var migration = context.Migration;
        var target = request.Claim is { } claim ? BackendTarget.OfClaim(claim)
            : BackendTarget.OfStore(request.Destination!, (await ImageRegistryReader.ReadAsync(work.Client, cancellationToken)).Credentials);
        if (RemovalGate.SwitchOf(migration.Steps) is { } done && done.Target != target.Storage.ToString())
            throw new ClusterException(ClusterErrorKind.Precondition, $"This migration switched to {done.Target} already, and nothing was changed now. Undo that first, or begin another migration to {target.Storage}.");
        return new SwitchBackendStep(RecurringStep.IdOf(migration.Steps, StepActions.SwitchBackend), migration, target, request, work);
    }

    /// <inheritdoc />
    public async Task<bool> UsesAsync(StepContext context, MigrationStep switched, CancellationToken cancellationToken)
    {
        var config = await ImageRegistryReader.ReadConfigAsync(StepWork.Of(context).Client, cancellationToken);
        return StorageReader.Read(config.Section("spec", SwitchBackendStep.Storage)).ToString() == switched?.Target;
    }

    /// <inheritdoc />
    public IEnumerable<IStepUndo> Undos(StepContext context, UndoRequest request)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Client is null)
            return [];
        var work = StepWork.Of(context);
        var gate = new ReadOnlyGate(context.Migration.Steps, work);
        return
        [
            new PrunerUndo(StepActions.SuspendPruner, work),
            new PrunerUndo(StepActions.ResumePruner, work),
            new WritesUndo(StepActions.BlockWrites, gate, context, request),
            new WritesUndo(StepActions.AllowWrites, gate, context, request),
            new SwitchBackendUndo(StepActions.SwitchBackend, work),
            new SwitchBackendUndo(StepActions.ConfirmBackend, work),
            new RemoveVolumeUndo(context.Migration.Passes, work),
        ];
    }

    private static async Task<bool> IsReadOnlyAsync(StepWork work, CancellationToken cancellationToken) =>
        (await ImageRegistryReader.ReadConfigAsync(work.Client, cancellationToken)).Flag("spec", ReadOnlyGate.ReadOnly) == true;
}
