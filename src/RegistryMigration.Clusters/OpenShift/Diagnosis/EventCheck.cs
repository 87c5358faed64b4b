using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift.Reading;

namespace RegistryMigration.Clusters.OpenShift.Diagnosis;

/// <summary>Warnings among the events of the registry's namespace.</summary>
internal sealed class EventCheck : IDiagnosisCheck
{
    private const int Shown = 5;

    public string Name => "Events";

    public async Task<Finding> RunAsync(DiagnosisContext context, CancellationToken cancellationToken)
    {
        var since = context.Time.GetUtcNow() - context.Options.EventAge;
        var warnings = (await context.ListAsync(ResourceTypes.Events, new ListOptions { Fields = "type=Warning" }, cancellationToken))
            .Where(told => told.Text("type") == "Warning" && PodTrouble.TimeOf(told) >= since)
            .OrderByDescending(PodTrouble.TimeOf)
            .ToList();
        var finding = new Finding();
        if (warnings.Count == 0)
            return finding.See($"No warning since {since.UtcDateTime:yyyy-MM-dd HH:mm} UTC");
        foreach (var told in warnings.Take(Shown))
            finding.Warn(PodTrouble.TextOf(told), "Events of pods that are gone tell of the past; those of pods that are not ready say what keeps them.");
        return warnings.Count > Shown ? finding.See($"{warnings.Count} warnings in all") : finding;
    }
}
