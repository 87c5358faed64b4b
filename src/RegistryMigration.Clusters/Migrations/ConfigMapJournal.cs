using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Migrations;

/// <summary>The copy of a journal beside the registry: a ConfigMap that is only replaced in the version that was read or written here.</summary>
internal sealed class ConfigMapJournal(IKubernetesClient client, string @namespace, string migration, MigrationSession session) : IJournalCopy
{
    private const string LinesKey = "journal.jsonl";
    private const string ChainKey = "chain";
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private Resource? _current;

    /// <inheritdoc />
    public string Place => PlaceOf(@namespace, migration);

    /// <inheritdoc />
    /// <remarks>The API server refuses more than 1 MiB of data (validation of ConfigMaps, MaxSecretSize).</remarks>
    public int Capacity => 1_000_000;

    /// <inheritdoc />
    public async Task<JournalSnapshot?> ReadAsync(CancellationToken cancellationToken)
    {
        _current = await client.FindAsync(ResourceTypes.ConfigMaps, @namespace, MigrationObjects.NameOf(migration), cancellationToken);
        return _current is null ? null : Read(_current, Place);
    }

    /// <inheritdoc />
    public async Task WriteAsync(JournalSnapshot snapshot, CancellationToken cancellationToken)
    {
        var data = new JsonObject { [LinesKey] = snapshot.ToLines(), [ChainKey] = snapshot.Chain.ToString() };
        var began = session.Time.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await ReplaceAsync(data, cancellationToken);
                return;
            }
            catch (ClusterException e) when (e.Kind is ClusterErrorKind.Transient or ClusterErrorKind.Unreachable or ClusterErrorKind.TimedOut && session.Time.GetElapsedTime(began) + pause < session.Patience)
            {
                session.Notices?.Report($"{Place} can't be written at the moment; trying again in {pause.TotalSeconds:0} s: {e.Message}");
                await Task.Delay(e.RetryAfter is { } asked && asked > pause && asked < session.Patience ? asked : pause, session.Time, cancellationToken);
            }
            catch (ClusterException e) when (e.Kind != ClusterErrorKind.Locked)
            {
                throw new ClusterException(e.Kind, $"The journal's copy, {Place}, can't be written: {e.Message}", e) { Reason = e.Reason, StatusCode = e.StatusCode, Target = e.Target };
            }
        }
    }

    /// <summary>The journals' copies of a namespace, or of all.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="namespace">The namespace; null is all of them.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    public static async IAsyncEnumerable<(string Namespace, Func<JournalSnapshot> Read)> ListAsync(IKubernetesClient client, string? @namespace,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var found in client.ListAsync(ResourceTypes.ConfigMaps, @namespace, new ListOptions { Labels = MigrationObjects.Selector }, cancellationToken))
        {
            var place = $"ConfigMap {found.Name} in {found.Namespace}";
            yield return (found.Namespace ?? "", () => Read(found, place));
        }
    }

    private static string PlaceOf(string @namespace, string migration) => $"ConfigMap {MigrationObjects.NameOf(migration)} in {@namespace}";

    private static JournalSnapshot Read(Resource resource, string place) =>
        JournalSnapshot.Read(resource.Text("data", LinesKey) ?? "", resource.Text("data", ChainKey) ?? "", place);

    private async Task ReplaceAsync(JsonObject data, CancellationToken cancellationToken)
    {
        // A few conflicts can be nobody's journal: a label or an annotation that somebody set, or our own write whose answer was lost.
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                _current = await SendAsync(data, cancellationToken);
                return;
            }
            catch (ClusterException e) when (e.Kind is ClusterErrorKind.Conflict or ClusterErrorKind.NotFound && attempt < 5)
            {
                var there = await client.FindAsync(ResourceTypes.ConfigMaps, @namespace, MigrationObjects.NameOf(migration), cancellationToken);
                if (there is null && e.Kind == ClusterErrorKind.NotFound && _current is null)
                    throw;
                if (there is not null && Chain(there) == (string?)data[ChainKey])
                {
                    _current = there;
                    return;
                }

                if (there is not null && (_current is null || Chain(there) != Chain(_current)))
                    throw new ClusterException(ClusterErrorKind.Locked, $"Somebody else wrote to {Place} meanwhile. Nothing was written over it. See who works on the migration with Get-RegistryMigration, then run the same command again.", e) { Target = Place };
                _current = there;
            }
        }
    }

    private Task<Resource> SendAsync(JsonObject data, CancellationToken cancellationToken)
    {
        if (_current is null)
        {
            var made = new JsonObject { ["metadata"] = MigrationObjects.Metadata(migration, "journal"), ["data"] = data.DeepClone() };
            return client.CreateAsync(ResourceTypes.ConfigMaps, @namespace, made, WriteOptions.Default, cancellationToken);
        }

        var changed = _current.Json.DeepClone().AsObject();
        changed["data"] = data.DeepClone();
        return client.ReplaceAsync(ResourceTypes.ConfigMaps, @namespace, changed, WriteOptions.Default, cancellationToken);
    }

    private static string? Chain(Resource resource) => resource.Text("data", ChainKey);
}
