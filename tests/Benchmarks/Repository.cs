namespace RegistryMigration.Benchmarks;

/// <summary>The clone that this program was built from.</summary>
internal static class Repository
{
    /// <summary>Its root.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string directory)
    {
        while (!File.Exists(Path.Combine(directory, "RegistryMigration.sln")))
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("This program runs in a clone of the repository, and there is none above it.");
        return directory;
    }
}
