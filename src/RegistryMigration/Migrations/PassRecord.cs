using RegistryMigration.Commands.Migrations;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;

namespace RegistryMigration.Migrations;

/// <summary>Writes a pass into the journal of its migration, which stays open (and locked) while the pass runs.</summary>
internal sealed class PassRecord : IAsyncDisposable
{
    private readonly OpenMigration _open;
    private readonly MigrationPassKind _kind;

    private PassRecord(OpenMigration open, MigrationPassKind kind)
    {
        _open = open;
        _kind = kind;
    }

    /// <summary>Ends when the migration's lock is lost.</summary>
    public CancellationToken Lost => _open.Run.Lost;

    /// <summary>Opens the migration that a pass belongs to; null where it belongs to none.</summary>
    public static async Task<PassRecord?> OpenAsync(MigrationReference? migration, RegistryCluster? session, MigrationPassKind kind, TimeProvider time, ICommandOutput output, CancellationToken cancellationToken) =>
        await MigrationOpening.OpenAsync(migration, session, time, output, cancellationToken) is { } open ? new PassRecord(open, kind) : null;

    /// <summary>Writes down what the pass did.</summary>
    /// <param name="result">What it did.</param>
    /// <param name="isPartial">Whether filters left a part of the source out.</param>
    /// <param name="throughput">Its throughput over time.</param>
    /// <param name="cancellationToken">Ends the wait for the journal's copy.</param>
    public Task WriteAsync(SyncResult result, bool isPartial, ThroughputRecorder throughput, CancellationToken cancellationToken) =>
        _open.Run.RecordPassAsync(MigrationPass.From(result, _kind, throughput.Samples) with { IsPartial = isPartial }, cancellationToken);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _open.DisposeAsync();
}
