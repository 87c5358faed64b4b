using RegistryMigration.Engine.Listing;
using RegistryMigration.Engine.Resilience;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Sync.Transfer;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Sync;

/// <summary>What all parts of one pass share.</summary>
internal sealed class SyncRun
{
    public SyncRun(OpenStore source, OpenStore target, SyncOptions options, TimeProvider time, Action<string>? warn)
    {
        if (source.Layout.Kind != target.Layout.Kind)
            throw new StoreException(StoreErrorKind.Other, $"{source.Store.Name} has the {source.Layout.Kind} layout and {target.Store.Name} the {target.Layout.Kind} layout. A sync keeps the layout: choose another target, or name the layout of an empty one.");
        Source = source;
        Target = target;
        Options = options;
        Time = time;
        Retry = new RetryPolicy(options.Retry, time);
        Credentials = new CredentialPause(options.CredentialPause, time, warn);
        var bandwidth = new BandwidthLimit(options.BytesPerSecond, time);
        Gate = new TransferGate(options.Concurrency ?? Math.Min(ConcurrencyTuner.Start, options.MaxConcurrency));
        Tuner = new ConcurrencyTuner(Gate, options.MaxConcurrency, () => source.Store.Traffic.Throttled + target.Store.Traffic.Throttled, time);
        Reading = new SourceReading(Retry, options.StallTimeout, bandwidth, bytes =>
        {
            Tally.OnMoved(bytes);
            Tuner.OnBytes(bytes);
        });
        Comparer = new EntryComparer(source, target, Reading, Reading with { OnBytes = _ => { } });
        LinkTargets = new LinkTargets(this);
        SourceListing = new StoreListing(source, Party.Source, Retry, Credentials, rejected => Tally.OnRejected(rejected.Name, rejected.Reason));
        Shards = new ShardPlanner(
            SourceListing,
            new StoreListing(target, Party.Target, Retry, Credentials, _ => { }),
            options.Shard);
    }

    public OpenStore Source { get; }

    public OpenStore Target { get; }

    public SyncOptions Options { get; }

    public TimeProvider Time { get; }

    public RetryPolicy Retry { get; }

    public CredentialPause Credentials { get; }

    public TransferGate Gate { get; }

    public ConcurrencyTuner Tuner { get; }

    public SourceReading Reading { get; }

    public EntryComparer Comparer { get; }

    public LinkTargets LinkTargets { get; }

    public StoreListing SourceListing { get; }

    public ShardPlanner Shards { get; }

    public SyncTally Tally { get; } = new();
}
