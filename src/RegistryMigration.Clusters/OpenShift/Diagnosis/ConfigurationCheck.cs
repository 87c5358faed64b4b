using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Diagnosis;

/// <summary>The registry's configuration: its state and the operator's conditions about it.</summary>
internal sealed class ConfigurationCheck : IDiagnosisCheck
{
    public string Name => "Configuration";

    public Task<Finding> RunAsync(DiagnosisContext context, CancellationToken cancellationToken)
    {
        var finding = new Finding();
        if (context.Config is not { } config)
            return Task.FromResult(finding.Fail($"There is no {OpenShiftTypes.Configs}/{ImageRegistryNames.Config}.", "The operator makes it when it starts: look at the checks of the operator above."));
        switch (config.Text("spec", "managementState"))
        {
            case "Removed":
                finding.Warn("managementState is Removed: there is no registry.", "Set-ImageRegistry -ManagementState Managed starts one. Configure its storage first.");
                break;
            case "Unmanaged":
                finding.Warn("managementState is Unmanaged: the operator changes nothing.", "Set-ImageRegistry -ManagementState Managed when the work by hand is done.");
                break;
            default:
                finding.See($"managementState is {config.Text("spec", "managementState")}");
                break;
        }

        var observed = config.Number("status", "observedGeneration") ?? 0;
        if (observed < config.Generation)
            finding.Warn($"The operator has seen generation {observed} of {config.Generation}.", "If it stays so the operator does not run: look at its checks above.");
        if (config.Flag("spec", "readOnly") == true)
            finding.Warn("readOnly is set: pushes, builds and imports are refused.", "Set-RegistryReadOnly -Off when no migration is under way.");
        // What is degraded knows the cause; that nothing is available is its consequence.
        foreach (var condition in context.Conditions.OrderBy(condition => condition.Type != "Degraded"))
            Judge(condition, finding);
        return Task.FromResult(finding);
    }

    private static void Judge(RegistryCondition condition, Finding finding)
    {
        switch (condition)
        {
            case { Type: "Available", Status: not true }:
                finding.Fail($"{condition}", "The checks of the deployment and its pods below say why.");
                break;
            case { Type: "Degraded", Status: true, Reason: "StorageNotConfigured" }:
                finding.Fail($"{condition}", "Give the registry a storage: Set-ImageRegistry -S3Bucket or -SwiftContainer, or a claim in spec.storage.pvc.");
                break;
            case { Type: "Degraded", Status: true, Reason: "VerificationFailed" }:
                finding.Fail($"{condition}", "The configuration contradicts itself; the message says where. Correct it with Set-ImageRegistry.");
                break;
            case { Type: "Degraded", Status: true }:
                finding.Fail($"{condition}", "The message says what the operator could not do.");
                break;
            case { Type: "Progressing", Status: not false }:
                finding.Warn($"{condition}", condition.Reason == "Error" ? "The message says what the operator could not do; it tries again and again." : "Wait, or look at the deployment below if it stays so.");
                break;
            case { Type: "Available" or "Progressing" or "Degraded" }:
                finding.See($"{condition.Type}={condition.Status}");
                break;
            case { Status: true } when condition.Type.EndsWith("Degraded", StringComparison.Ordinal):
                finding.Warn($"{condition}", "It is about something beside the registry itself; the message says what.");
                break;
        }
    }
}
