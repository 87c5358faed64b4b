using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Reading;

/// <summary>Finds out whose fault a condition of the clusteroperator tells of.</summary>
/// <remarks>
/// pkg/resource/clusteroperator.go: the clusteroperator unites every condition of the Config whose name ends in Available, Progressing or Degraded, and the
/// pruner's with the prefix ImagePruner; its reason joins prefixes and reasons by <c>::</c>. A degraded clusteroperator may so have nothing to do with storage.
/// </remarks>
internal static class OperatorUnion
{
    private const string Pruner = "ImagePruner";

    /// <summary>The fault that a condition of the clusteroperator tells of; null where it is as it should be, or of another kind.</summary>
    /// <param name="condition">The clusteroperator's condition.</param>
    /// <param name="own">The Config's conditions.</param>
    public static OperatorFault? Judge(RegistryCondition condition, IReadOnlyList<RegistryCondition> own)
    {
        bool? normal = condition.Type switch
        {
            "Available" => true,
            "Progressing" or "Degraded" => false,
            _ => null,
        };
        if (normal is null || condition.Status == normal)
            return null;
        // Where the registry's own condition is at fault as well, that is what counts.
        if (own.FirstOrDefault(candidate => candidate.Type == condition.Type)?.Status != normal)
            return new OperatorFault(false, "the registry");
        var origins = own
            .Where(candidate => candidate.Type.Length > condition.Type.Length && candidate.Type.EndsWith(condition.Type, StringComparison.Ordinal) && candidate.Status != normal)
            .Select(candidate => candidate.Type[..^condition.Type.Length])
            .ToList();
        if (condition.Reason?.Split("::").Any(reason => reason.StartsWith(Pruner, StringComparison.Ordinal)) == true && condition.Message?.Contains(Pruner + condition.Type, StringComparison.Ordinal) != false)
            origins.Add(Pruner);
        // Nobody is at fault any more: the clusteroperator lags behind.
        return origins.Count == 0 ? new OperatorFault(false, "the registry") : new OperatorFault(true, string.Join(", ", origins.Distinct().Select(NameOf)));
    }

    private static string NameOf(string prefix) => prefix switch
    {
        Pruner => "the image pruner",
        "NodeCADaemon" or "NodeCADaemonController" => "the node CA daemon",
        _ => prefix,
    };
}

/// <summary>Where a condition of the clusteroperator comes from.</summary>
/// <param name="IsForeign">Whether it is something beside the registry.</param>
/// <param name="Origin">What, for people.</param>
internal sealed record OperatorFault(bool IsForeign, string Origin);
