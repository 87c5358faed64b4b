using RegistryMigration.Model;

namespace RegistryMigration.Worker.Configuration;

/// <summary>What a sync is to do and how much it may use.</summary>
internal sealed class SyncSettings : SettingGroup
{
    private readonly ListSetting _repositories;
    private readonly ListSetting _tags;
    private readonly Setting<int> _newestTags;
    private readonly FlagSetting _prune;
    private readonly Setting<int> _maxDeletes;
    private readonly Setting<int> _concurrency;
    private readonly Setting<int> _maxConcurrency;
    private readonly Setting<long> _memoryBudget;
    private readonly Setting<long> _bytesPerSecond;
    private readonly RetrySettings _retry;
    private readonly Setting<TimeSpan> _credentialPause;
    private readonly Setting<int> _maxFailures;
    private readonly FlagSetting _serverSideCopy;
    private readonly Setting<SyncShard> _shards;
    private readonly Setting<SyncPhases> _phases;

    public SyncSettings()
    {
        _repositories = List("repositories", "Repositories to copy, as wildcards; all unless given");
        _tags = List("tags", "Tags to copy, as wildcards; all unless given");
        _newestTags = Value("newest-tags", "Copy only the N tags of each repository that were moved last", SettingParsers.Integer());
        _prune = Flag("prune", "Delete from the destination what the source does not have, after everything else succeeded");
        _maxDeletes = Value("max-deletes", "With more deletes than this planned, --prune deletes nothing (1000)", SettingParsers.Integer(0));
        _concurrency = Value("concurrency", "A fixed number of transfers at a time; climbs by itself unless given", SettingParsers.Integer());
        _maxConcurrency = Value("max-concurrency", "The most transfers at a time when climbing (64)", SettingParsers.Integer());
        _memoryBudget = Value("memory-budget", "Bytes of buffers for parts and segments of large objects (48MiB)", SettingParsers.Size);
        _bytesPerSecond = Value("bytes-per-second", "A limit of content bytes per second, like 50MB; none unless given", SettingParsers.Size);
        _retry = Include(new RetrySettings());
        _credentialPause = Value("credential-pause", "How long to wait for expired credentials to be renewed (15m)", SettingParsers.Time);
        _maxFailures = Value("max-failures", "Objects that may fail before the run stops (1000)", SettingParsers.Integer(0));
        _serverSideCopy = Flag("server-side-copy", "Let the server copy when both stores are its own (true)");
        _shards = Value("shards", "The part i of n that this run takes, i from 0: 0/4", SyncShard.Parse);
        _phases = Value("phases", "blobs, links or all; runs that share the work finish all blobs before any links (all)", ParsePhases);
    }

    /// <summary>The options as they were given.</summary>
    /// <exception cref="UsageException">A value can't be read, or the options contradict each other.</exception>
    public SyncOptions Read(SettingValues values)
    {
        var defaults = new SyncOptions();
        var options = new SyncOptions
        {
            Repositories = values.List(_repositories),
            Tags = values.List(_tags),
            NewestTags = values.FindValue(_newestTags),
            Prune = values.Get(_prune, defaults.Prune),
            MaxDeletes = values.Get(_maxDeletes, defaults.MaxDeletes),
            Concurrency = values.FindValue(_concurrency),
            MaxConcurrency = values.Get(_maxConcurrency, defaults.MaxConcurrency),
            MemoryBudget = values.Get(_memoryBudget, defaults.MemoryBudget),
            BytesPerSecond = values.FindValue(_bytesPerSecond),
            StallTimeout = _retry.StallTimeout(values, defaults.StallTimeout),
            Retry = _retry.Read(values),
            CredentialPause = values.Get(_credentialPause, defaults.CredentialPause),
            MaxFailures = values.Get(_maxFailures, defaults.MaxFailures),
            ServerSideCopy = values.Get(_serverSideCopy, defaults.ServerSideCopy),
            Shard = values.Get(_shards, defaults.Shard),
            Phases = values.Get(_phases, defaults.Phases),
        };
        return options.Prune && (options.IsFiltered || !options.Shard.IsAll || options.Phases != SyncPhases.All)
            ? throw new UsageException("--prune needs to see everything. Leave away --repositories, --tags, --newest-tags, --shards and --phases, or --prune.")
            : options;
    }

    private static SyncPhases ParsePhases(string text) => SettingParsers.OneOf<SyncPhases>(text) is not SyncPhases.None and var phases
        ? phases
        : throw new FormatException("'none' leaves nothing to do. Expected blobs, links or all.");
}
