using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Steps;

/// <summary>The undo of every kind of step of OpenShift's procedure.</summary>
public static class OpenShiftUndos
{
    /// <summary>What migrations of this system say as <see cref="RegistryMigrationInfo.System"/>.</summary>
    public const string SystemName = "OpenShift";

    /// <summary>All of them.</summary>
    /// <param name="migration">The migration so far.</param>
    /// <param name="work">What to work with.</param>
    public static IEnumerable<IStepUndo> All(RegistryMigrationInfo migration, StepWork work) =>
    [
        new PrunerUndo(StepActions.SuspendPruner, work),
        new PrunerUndo(StepActions.ResumePruner, work),
        new ReadOnlyUndo(StepActions.BlockWrites, work),
        new ReadOnlyUndo(StepActions.AllowWrites, work),
        new SwitchBackendUndo(StepActions.SwitchBackend, work),
        new SwitchBackendUndo(StepActions.ConfirmBackend, work),
        new RemoveVolumeUndo(migration.Passes, work),
    ];
}
