using RegistryMigration.Engine.Journal;
using RegistryMigration.Pipeline;

namespace RegistryMigration.Migrations;

/// <summary>Says who works on a migration: the account and process that run PowerShell.</summary>
internal static class MigrationSessions
{
    /// <summary>This process's session.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="output">Where notices go.</param>
    public static MigrationSession Create(TimeProvider time, ICommandOutput output) => new()
    {
        User = Environment.UserName,
        Machine = Environment.MachineName,
        ProcessId = Environment.ProcessId,
        ModuleVersion = typeof(MigrationSessions).Assembly.GetName().Version?.ToString(3) ?? "",
        Time = time,
        Notices = new Teller(output.Warn),
        Details = new Teller(output.Verbose),
    };
}
