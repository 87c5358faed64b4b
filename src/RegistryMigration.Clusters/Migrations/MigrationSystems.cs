using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.Quay;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Migrations;

/// <summary>The systems whose registries can be migrated step by step.</summary>
public static class MigrationSystems
{
    // A line for each system.
    private static readonly IMigrationSystem[] All = [OpenShiftSystem.Instance, QuaySystem.Instance];

    /// <summary>Whether the steps of a system are known here.</summary>
    public static bool Knows(string name) => Array.Exists(All, system => system.Name == name);

    /// <summary>The system of a migration.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.Precondition"/>: its steps are not known here.</exception>
    public static IMigrationSystem Of(RegistryMigrationInfo migration)
    {
        ArgumentNullException.ThrowIfNull(migration);
        return Array.Find(All, system => system.Name == migration.System)
            ?? throw new ClusterException(ClusterErrorKind.Precondition, $"Migration {migration.Name} is of the system '{migration.System}', for which this step is not known. Begin it with New-RegistryMigration -System {string.Join(" or -System ", All.Select(system => system.Name))}.");
    }

    /// <summary>The undo of each kind of step, by its action; empty for a system that is not known.</summary>
    /// <param name="context">What they work with.</param>
    /// <param name="request">How they prove it; null where there is nothing to say.</param>
    public static IReadOnlyDictionary<string, IStepUndo> UndosFor(StepContext context, UndoRequest? request = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        return (Array.Find(All, system => system.Name == context.Migration.System)?.Undos(context, request ?? new UndoRequest()) ?? []).ToDictionary(undo => undo.Action, StringComparer.Ordinal);
    }
}
