using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Commands.Clusters;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;

namespace RegistryMigration.Migrations;

/// <summary>Writes a pass into the journal of its migration, which stays open (and locked) while the pass runs.</summary>
internal sealed class PassRecord : IAsyncDisposable
{
    private readonly MigrationRun _run;
    private readonly IKubernetesClient? _client;
    private readonly MigrationPassKind _kind;

    private PassRecord(MigrationRun run, IKubernetesClient? client, MigrationPassKind kind)
    {
        _run = run;
        _client = client;
        _kind = kind;
    }

    /// <summary>Ends when the migration's lock is lost.</summary>
    public CancellationToken Lost => _run.Lost;

    /// <summary>Opens the migration that a pass belongs to; null where it belongs to none.</summary>
    public static async Task<PassRecord?> OpenAsync(MigrationReference? migration, MigrationPassKind kind, TimeProvider time, ICommandOutput output, CancellationToken cancellationToken)
    {
        if (migration is null)
            return null;
        var given = migration.Migration;
        var client = given?.Cluster is { } cluster ? await KubernetesClients.ConnectAsync(cluster.Options, time, cancellationToken) : null;
        try
        {
            var place = new MigrationPlace(migration.Name, given?.JournalPath ?? JournalPlaces.File(null, migration.Name), given?.Namespace);
            return new PassRecord(await MigrationRuns.OpenAsync(place, client, MigrationSessions.Create(time, output), cancellationToken), client, kind);
        }
        catch
        {
            client?.Dispose();
            throw;
        }
    }

    /// <summary>Writes down what the pass did.</summary>
    public Task WriteAsync(SyncResult result, ThroughputRecorder throughput, CancellationToken cancellationToken) =>
        _run.RecordPassAsync(MigrationPass.From(result, _kind, throughput.Samples), cancellationToken);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _run.DisposeAsync();
        _client?.Dispose();
    }
}
