using System.CommandLine;
using RegistryMigration.Worker.Configuration;

namespace RegistryMigration.Worker.Tests.Configuration;

/// <summary>Settings as arguments, environment and a file would give them.</summary>
internal static class Given
{
    public static SettingValues Values(SettingGroup group, string[] arguments, Dictionary<string, string>? environment = null, string? file = null)
    {
        var command = new RootCommand();
        group.AddTo(command);
        var parsed = command.Parse(arguments);
        Assert.Empty(parsed.Errors);
        return new SettingValues(parsed, name => environment?.GetValueOrDefault(name), file is null ? null : ConfigurationFile.Load(file));
    }
}
