using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>A migration that is being worked on: its journal is open and nobody else may work on it meanwhile.</summary>
public interface IMigrationRun : IAsyncDisposable
{
    /// <summary>The migration as its journal has it now.</summary>
    RegistryMigrationInfo Info { get; }

    /// <summary>The steps so far, in the order in which they were started first.</summary>
    IReadOnlyList<MigrationStep> Steps { get; }

    /// <summary>Cancelled when the lock is lost: whatever is under way has to end, since somebody else may work on the migration now.</summary>
    CancellationToken Lost { get; }

    /// <summary>Runs a step, or only says what came of it where it is done already.</summary>
    /// <returns>The step as the journal has it now.</returns>
    /// <remarks>
    /// The journal (and its copy beside the registry) holds the step as started before anything is changed. An error is recorded and
    /// thrown. The token that the step sees also ends when the lock is lost.
    /// </remarks>
    /// <exception cref="ClusterException">The copy can't be written (then the step does not start), the migration has ended, or the lock was lost.</exception>
    Task<MigrationStep> RunAsync(IMigrationStep step, CancellationToken cancellationToken);

    /// <summary>Records something that happened and needs no undo: an audit, a proof.</summary>
    /// <param name="step">What happened; its <see cref="MigrationStep.Before"/> must be null. A second record of the same id replaces the first.</param>
    /// <param name="cancellationToken">Ends the wait for the journal's copy.</param>
    Task<MigrationStep> RecordAsync(MigrationStep step, CancellationToken cancellationToken);

    /// <summary>Records a pass. Its number and who ran it are filled in.</summary>
    Task<MigrationPass> RecordPassAsync(MigrationPass pass, CancellationToken cancellationToken);
}
