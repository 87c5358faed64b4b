using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift.Steps;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Migrations;

/// <summary>What an undo may use.</summary>
/// <param name="Migration">The migration.</param>
/// <param name="Client">Its cluster; null where it has none.</param>
/// <param name="Session">Who undoes it, and the clock.</param>
/// <param name="Timeout">How long the system may take for each thing it is asked.</param>
public sealed record StepUndoContext(RegistryMigrationInfo Migration, IKubernetesClient? Client, MigrationSession Session, TimeSpan Timeout);

/// <summary>All that knows how to undo a kind of step, of every system.</summary>
public static class StepUndos
{
    // A line for each system.
    private static readonly Func<StepUndoContext, IEnumerable<IStepUndo>>[] Systems =
    [
        context => context is { Client: { } client, Migration.System: OpenShiftUndos.SystemName }
            ? OpenShiftUndos.All(context.Migration, new StepWork(client, context.Session.Time, context.Timeout, context.Session.Details))
            : [],
    ];

    /// <summary>The undo of each kind of step, by its action.</summary>
    public static IReadOnlyDictionary<string, IStepUndo> For(StepUndoContext context) =>
        Systems.SelectMany(system => system(context)).ToDictionary(undo => undo.Action, StringComparer.Ordinal);
}
