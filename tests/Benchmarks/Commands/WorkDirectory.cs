using System.CommandLine;

namespace RegistryMigration.Benchmarks.Commands;

/// <summary>The directory that trees, servers' data, builds and results are kept in.</summary>
internal static class WorkDirectory
{
    /// <summary>The option for it.</summary>
    public static Option<DirectoryInfo> Option() => new("--work")
    {
        Description = "Keeps trees, servers' data, builds and results; some 25 GB for the whole (a directory below the temporary one)",
        DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(Path.GetTempPath(), "registry-migration-benchmarks")),
    };

    /// <summary>Where results go unless told otherwise.</summary>
    public static string Results(DirectoryInfo work) => Path.Combine(work.FullName, "results");

    /// <summary>Where contenders put configuration files.</summary>
    public static string Scratch(DirectoryInfo work) => Path.Combine(work.FullName, "configuration");
}
