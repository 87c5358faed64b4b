using System.CommandLine;

namespace RegistryMigration.Worker.Configuration;

/// <summary>Settings that belong together.</summary>
internal abstract class SettingGroup
{
    private readonly List<Setting> _all = [];

    /// <summary>All settings of the group, the files of secrets included.</summary>
    public IReadOnlyList<Setting> All => _all;

    protected Setting<T> Value<T>(string name, string help, Func<string, T> parse) => Add(new Setting<T>(name, help, parse));

    protected FlagSetting Flag(string name, string help) => Add(new FlagSetting(name, help));

    protected ListSetting List(string name, string help) => Add(new ListSetting(name, help));

    protected SecretSetting Secret(string name, string help)
    {
        var secret = Add(new SecretSetting(name, help));
        Add(secret.File);
        return secret;
    }

    /// <summary>Gives a command these settings as options.</summary>
    public void AddTo(Command command)
    {
        foreach (var setting in _all)
            command.Options.Add(setting.Option);
    }

    protected T Include<T>(T group)
        where T : SettingGroup
    {
        _all.AddRange(group.All);
        return group;
    }

    private T Add<T>(T setting)
        where T : Setting
    {
        _all.Add(setting);
        return setting;
    }
}
