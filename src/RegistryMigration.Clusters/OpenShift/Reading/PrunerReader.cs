using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Reading;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Reading;

/// <summary>Reads the image pruner and its runs.</summary>
internal static class PrunerReader
{
    public static async Task<RegistryPruner> ReadAsync(SideReading side, CancellationToken cancellationToken)
    {
        var pruner = (await side.FindAsync(OpenShiftTypes.ImagePruners, null, ImageRegistryNames.Pruner, cancellationToken)).Resource;
        if (pruner is null)
            return new RegistryPruner { Exists = false };
        var jobs = await side.ListAsync(ResourceTypes.Jobs, ImageRegistryNames.Namespace, new ListOptions { Labels = ImageRegistryNames.PrunerJobs }, cancellationToken);
        return new RegistryPruner
        {
            Exists = true,
            Suspended = pruner.Flag("spec", "suspend") ?? false,
            Schedule = pruner.Text("spec", "schedule") is { Length: > 0 } schedule ? schedule : null,
            Running = [.. jobs.Where(IsRunning).Select(job => job.Name)],
            Conditions = ConditionReader.Read(pruner),
        };
    }

    internal static bool IsRunning(Resource job) =>
        !ConditionReader.Read(job).Any(condition => condition is { Type: "Complete" or "Failed", Status: true });
}
