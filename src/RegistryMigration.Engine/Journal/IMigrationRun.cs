using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>A migration that is being worked on: its journal is open and nobody else may work on it meanwhile.</summary>
public interface IMigrationRun : IAsyncDisposable
{
    /// <summary>The steps so far, in the order in which they were started first.</summary>
    IReadOnlyList<MigrationStep> Steps { get; }

    /// <summary>Runs a step, or only says what came of it where it is done already.</summary>
    /// <returns>The step as the journal has it now.</returns>
    /// <remarks>The journal (and its copy beside the registry) holds the step as started before anything is changed. An error is recorded and thrown.</remarks>
    Task<MigrationStep> RunAsync(IMigrationStep step, CancellationToken cancellationToken);

    /// <summary>Records something that happened and needs no undo: a pass, an audit, a proof.</summary>
    Task<MigrationStep> RecordAsync(MigrationStep step, CancellationToken cancellationToken);
}
