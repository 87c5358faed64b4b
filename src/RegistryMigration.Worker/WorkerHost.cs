using System.Collections;

namespace RegistryMigration.Worker;

/// <summary>What the program has around it: streams, environment and clock.</summary>
internal sealed record WorkerHost
{
    /// <summary>Results.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Progress, warnings and errors.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Columns of the terminal behind <see cref="Error"/>; null where it is none.</summary>
    public int? ErrorColumns { get; init; }

    /// <summary>Environment variables.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The variables that OpenStack clients read.</summary>
    public IReadOnlyDictionary<string, string> OpenStackVariables =>
        Environment.Where(variable => variable.Key.StartsWith("OS_", StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);

    /// <summary>The process's own.</summary>
    public static WorkerHost OfProcess() => new()
    {
        Output = Console.Out,
        Error = Console.Error,
        ErrorColumns = Console.IsErrorRedirected ? null : Math.Max(20, Console.WindowWidth),
        Environment = System.Environment.GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "", StringComparer.Ordinal),
    };
}
