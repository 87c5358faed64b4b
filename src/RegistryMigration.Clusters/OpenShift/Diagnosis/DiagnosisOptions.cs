using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Diagnosis;

/// <summary>What the diagnosis may need beside the cluster.</summary>
public sealed record DiagnosisOptions
{
    /// <summary>The registry to pull from; null leaves the pull out.</summary>
    public RegistryEndpoint? Registry { get; init; }

    /// <summary>How many images to pull.</summary>
    public int Sample { get; init; } = 3;

    /// <summary>Lines of each log to look at, from its end.</summary>
    public int LogLines { get; init; } = 500;

    /// <summary>How old an event may be; events are kept for an hour or so anyway.</summary>
    public TimeSpan EventAge { get; init; } = TimeSpan.FromHours(1);
}
