using System.Threading.Channels;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Clusters.Tests.Support;

/// <summary>One watch on a <see cref="FakeKubernetes"/>.</summary>
internal sealed class FakeFeed(ResourceType type, string? @namespace, ListOptions options, Action<FakeFeed> end) : IDisposable
{
    private readonly Channel<WatchEvent> _events = Channel.CreateUnbounded<WatchEvent>();

    public ResourceType Type => type;

    public string? Namespace => @namespace;

    public ChannelReader<WatchEvent> Events => _events.Reader;

    public void Send(WatchEvent change) => _events.Writer.TryWrite(change);

    /// <summary>Tells of a change as the selectors see it: what no longer matches is gone.</summary>
    public void Tell(Resource? before, Resource after, bool deleted)
    {
        var was = before is not null && Selectors.Match(before, options);
        var matches = !deleted && Selectors.Match(after, options);
        if (was || matches)
            Send(new WatchEvent(!matches ? WatchEventKind.Deleted : was ? WatchEventKind.Modified : WatchEventKind.Added, after));
    }

    public void Dispose() => end(this);
}
