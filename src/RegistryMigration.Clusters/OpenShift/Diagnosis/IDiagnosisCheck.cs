namespace RegistryMigration.Clusters.OpenShift.Diagnosis;

/// <summary>One step of the diagnosis. It only reads.</summary>
internal interface IDiagnosisCheck
{
    /// <summary>What is looked at, as one word.</summary>
    string Name { get; }

    /// <summary>Looks. What this account may not read is skipped by the caller.</summary>
    Task<Finding> RunAsync(DiagnosisContext context, CancellationToken cancellationToken);
}
