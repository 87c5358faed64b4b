using System.Globalization;
using System.Runtime.CompilerServices;
using RegistryMigration.Clusters.Kubernetes.Requests;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Watching;

/// <summary>Tells of what is there and of every change: list, then watch from there; from the last version after a cut, from a new list after 410.</summary>
/// <remarks>https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes.</remarks>
internal sealed class Watcher(ApiTransport transport, ListPager pager, ResourceType type, string? @namespace, ListOptions options)
{
    // A watch ends by itself after so long and is opened again where it ended: a dead connection is noticed, and proxies that cut idle ones don't matter.
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(60);

    // How long a server may be away that was there; each attempt has retries of its own.
    private static readonly TimeSpan Outage = TimeSpan.FromMinutes(5);

    // Between turns that end at once, as those of a server that is going down.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly KnownObjects _known = new();
    private string? _version;
    private long _heard;

    public async IAsyncEnumerable<WatchEvent> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var synced = false;
        while (true)
        {
            if (_version is null)
            {
                foreach (var change in await ListAsync(synced, cancellationToken))
                    yield return change;
                if (!synced)
                    yield return new WatchEvent(WatchEventKind.Synced, null);
                synced = true;
            }

            var started = transport.Time.GetTimestamp();
            await using (var turn = await OpenAsync(cancellationToken))
            {
                while (turn is not null && await NextAsync(turn, cancellationToken) is { } change)
                {
                    if (change.Resource is not null)
                        yield return change;
                }
            }

            if (transport.Time.GetElapsedTime(started) < Pause)
                await Task.Delay(Pause, transport.Time, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<WatchEvent>> ListAsync(bool again, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var (items, version) = await pager.SnapshotAsync(type, @namespace, options, cancellationToken);
                Hear(version);
                return _known.Replace(items);
            }
            catch (ClusterException e) when (again && MayPass(e))
            {
                await Task.Delay(Pause, transport.Time, cancellationToken);
            }
        }
    }

    // Null: not this time. The version is null where a new list is needed.
    private async Task<WatchStream?> OpenAsync(CancellationToken cancellationToken)
    {
        var request = new ApiRequest
        {
            Method = HttpMethod.Get,
            Verb = "watch",
            Path = ApiPaths.Query(
                ApiPaths.Collection(type, @namespace),
                ("watch", "true"),
                ("allowWatchBookmarks", "true"),
                ("resourceVersion", _version),
                ("timeoutSeconds", ((int)Turn.TotalSeconds).ToString(CultureInfo.InvariantCulture)),
                ("labelSelector", options.Labels),
                ("fieldSelector", options.Fields)),
            Resource = type.ToString(),
            Namespace = @namespace,
            IsRead = true,
        };
        try
        {
            var stream = new WatchStream(request, await transport.OpenAsync(request, Turn + transport.Timeout, cancellationToken), transport);
            _heard = transport.Time.GetTimestamp();
            return stream;
        }
        catch (ClusterException e) when (e.Kind == ClusterErrorKind.Expired)
        {
            _version = null;
        }
        catch (ClusterException e) when (MayPass(e))
        {
        }

        return null;
    }

    // Null ends the turn; an event without an object is a bookmark.
    private async Task<WatchEvent?> NextAsync(WatchStream turn, CancellationToken cancellationToken)
    {
        try
        {
            if (await turn.ReadAsync(cancellationToken) is not { } line)
                return null;
            Hear(line.Resource.ResourceVersion);
            if (line.Kind is not { } kind)
                return new WatchEvent(WatchEventKind.Synced, null);
            var change = new WatchEvent(kind, line.Resource);
            _known.Apply(change);
            return change;
        }
        catch (ClusterException e) when (e.Kind == ClusterErrorKind.Expired)
        {
            _version = null;
        }
        catch (ClusterException e) when (MayPass(e))
        {
        }

        return null;
    }

    private void Hear(string? version)
    {
        _version = version ?? _version;
        _heard = transport.Time.GetTimestamp();
    }

    private bool MayPass(ClusterException e) => e.Kind is ClusterErrorKind.Transient or ClusterErrorKind.Unreachable && transport.Time.GetElapsedTime(_heard) < Outage;
}
