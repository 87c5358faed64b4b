using System.Collections.Concurrent;
using System.Net;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores.Swift.Objects;
using RegistryMigration.Engine.Stores.Swift.Transport;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.Swift.LargeObjects;

/// <summary>Writes a dynamic large object as docker-registry's driver does: segments in the same container, then a manifest of 0 bytes.</summary>
/// <remarks>
/// Nothing is seen under the key before the manifest, and that comes only after the content has ended well and the servers list every
/// segment. A run that was cut finds its segments by their names and sends only what is missing.
/// </remarks>
internal sealed class SegmentedWriting(SwiftClient client, SegmentPaths paths, Segments segments, long preferredSegmentSize)
{
    private const int Concurrency = 4;

    // The servers tell the length of a large object only when one page lists all its segments. Reached at 200 GB.
    private const int MaxSegments = 10_000;

    // As long as the driver waits for its segments to show up (readAfterWriteTimeout).
    private static readonly TimeSpan ListingPatience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ListingInterval = TimeSpan.FromMilliseconds(250);

    public async Task<WriteOutcome> WriteAsync(string name, string key, StoreContent content, long maxFileSize, CancellationToken cancellationToken)
    {
        var segmentSize = Math.Min(Math.Max(preferredSegmentSize, (content.Length + MaxSegments - 1) / MaxSegments), maxFileSize);
        var replaced = await ObjectHead.AskAsync(client, name, key, cancellationToken);
        if (replaced is not null && content.IfAbsent)
            return WriteOutcome.AlreadyPresent;

        var live = replaced?.Manifest;
        var path = paths.For(name, content, segmentSize, generation: 0);
        if (live == Manifest(path))
            path = paths.For(name, content, segmentSize, generation: 1);
        var present = content.Sha256 is null ? [] : await segments.ListAsync(path, cancellationToken);
        await SendAllAsync(path, key, content, segmentSize, present, cancellationToken);

        var outcome = await WriteManifestAsync(name, key, path, content.IfAbsent, cancellationToken);
        if (outcome == WriteOutcome.AlreadyPresent)
            await DeleteUnlessLiveAsync(name, key, path, cancellationToken);
        else if (live is not null)
            await segments.DeleteOfAsync(live, cancellationToken);
        return outcome;
    }

    private async Task SendAllAsync(string path, string key, StoreContent content, long segmentSize, Dictionary<string, ListedObject> present, CancellationToken cancellationToken)
    {
        var written = new ConcurrentDictionary<string, SegmentState>(StringComparer.Ordinal);
        try
        {
            await PartTransfer.RunAsync(content, segmentSize, Concurrency, client.Http.Context.Memory, async (segment, token) =>
            {
                var name = SegmentPaths.Segment(path, segment.Number);
                var state = written[name] = new SegmentState(segment.Length, segment.Md5());
                if (!present.TryGetValue(name, out var found) || !state.Matches(found))
                    await client.Http.Context.Retry.ExecuteAsync(client.Http.Traffic, attempt => segments.WriteAsync(name, segment, state.Md5, key, attempt), token);
            }, cancellationToken);
            await AwaitListingAsync(path, key, written, cancellationToken);
        }
        catch (StoreException e) when (content.Sha256 is null || e.Kind is StoreErrorKind.Integrity or StoreErrorKind.Changed)
        {
            // Wrong content, or a path that no other run would find: nobody has a use for these. What fails for another reason is resumed.
            await DiscardAsync(written.Keys.Union(present.Keys), cancellationToken);
            throw;
        }
    }

    // A large object is read by listing its segments, so a listing that lags would serve a short object.
    private async Task AwaitListingAsync(string path, string key, ConcurrentDictionary<string, SegmentState> written, CancellationToken cancellationToken)
    {
        var time = client.Http.Context.Time;
        var start = time.GetTimestamp();
        while (true)
        {
            var listed = await segments.ListAsync(path, cancellationToken);
            if (listed.Count == written.Count && written.All(segment => listed.TryGetValue(segment.Key, out var entry) && segment.Value.Matches(entry)))
                return;
            if (time.GetElapsedTime(start) > ListingPatience)
                throw client.Errors.Make(StoreErrorKind.Transient, $"The servers list {listed.Count} of {written.Count} segments of '{key}' after {ListingPatience.TotalSeconds} s. It is written again, without sending them again; check the container's replication if this goes on.", key);
            await Task.Delay(ListingInterval, time, cancellationToken);
        }
    }

    private async Task<WriteOutcome> WriteManifestAsync(string name, string key, string path, bool ifAbsent, CancellationToken cancellationToken)
    {
        var request = new SwiftRequest(HttpMethod.Put, name) { Content = () => new ByteArrayContent([]) };
        request.Headers["X-Object-Manifest"] = ObjectPath.Escape(Manifest(path));
        ObjectWriting.Condition(request, ifAbsent);
        return await client.Http.Context.Retry.ExecuteAsync(client.Http.Traffic, async token =>
        {
            using var response = await client.SendAsync(request, token);
            if (response.IsSuccessStatusCode)
                return WriteOutcome.Written;
            return response.StatusCode == HttpStatusCode.PreconditionFailed
                ? WriteOutcome.AlreadyPresent
                : throw await client.Errors.FromAsync(response, $"write the manifest of '{key}'", key, token);
        }, cancellationToken);
    }

    // Another run that copies the same content writes the same segments, and may be the one whose manifest came first.
    private async Task DeleteUnlessLiveAsync(string name, string key, string path, CancellationToken cancellationToken)
    {
        if ((await ObjectHead.AskAsync(client, name, key, cancellationToken))?.Manifest != Manifest(path))
            await segments.DeleteOfAsync(Manifest(path), cancellationToken);
    }

    private async Task DiscardAsync(IEnumerable<string> names, CancellationToken cancellationToken)
    {
        try
        {
            await segments.DeleteAsync(names, cancellationToken);
        }
        catch (StoreException)
        {
            // The failure that led here says more. What stays is unreachable, and docker-registry's layout has a place for it.
        }
    }

    private string Manifest(string path) => $"{client.Container}/{path}";
}
