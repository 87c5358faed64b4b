using RegistryMigration.Model;

namespace RegistryMigration.Worker.Configuration;

/// <summary>How an audit is to look.</summary>
internal sealed class AuditSettings : SettingGroup
{
    private readonly FlagSetting _deep;
    private readonly ListSetting _repositories;
    private readonly Setting<int> _concurrency;
    private readonly Setting<int> _maxDefects;
    private readonly RetrySettings _retry;

    public AuditSettings()
    {
        _deep = Flag("deep", "Read and hash every blob instead of trusting names and sizes");
        _repositories = List("repositories", "Repositories to audit, as wildcards; all unless given");
        _concurrency = Value("concurrency", "Reads at a time (16)", SettingParsers.Integer());
        _maxDefects = Value("max-defects", "Defects kept in the result; all are counted (10000)", SettingParsers.Integer(0));
        _retry = Include(new RetrySettings());
    }

    /// <summary>The options as they were given.</summary>
    public AuditOptions Read(SettingValues values)
    {
        var defaults = new AuditOptions();
        return new AuditOptions
        {
            Deep = values.Get(_deep, defaults.Deep),
            Repositories = values.List(_repositories),
            Concurrency = values.Get(_concurrency, defaults.Concurrency),
            MaxDefects = values.Get(_maxDefects, defaults.MaxDefects),
            Retry = _retry.Read(values),
            StallTimeout = _retry.StallTimeout(values, defaults.StallTimeout),
        };
    }
}
