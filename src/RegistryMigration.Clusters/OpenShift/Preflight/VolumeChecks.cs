using RegistryMigration.Model;
using static RegistryMigration.Engine.Checks.PreflightCheck;

namespace RegistryMigration.Clusters.OpenShift.Preflight;

/// <summary>What the registry keeps its images on now.</summary>
internal static class VolumeChecks
{
    public static RegistryCheck Claim(ImageRegistry registry)
    {
        const string name = "Storage is a bound volume";
        if (registry.Storage.Kind != BackendKind.Volume)
            return Failed(name, registry.Storage.Kind is BackendKind.Swift or BackendKind.S3 ? "It is on object storage already. To go on with a migration that was begun: Get-RegistryMigration." : "This procedure moves volumes. See Get-ImageRegistry.", $"storage is {registry.Storage}");
        if (registry.Claim is not { } claim)
            return Skipped(name, "this account may not read the claim");
        if (claim is not { Exists: true, Phase: "Bound" })
            return Failed(name, "Look at the claim's events: a registry without its volume can't be moved.", $"{claim} is {claim.Phase ?? "not there"}");
        var evidence = new[] { $"{claim}", claim.IsSingleNode ? "one node at a time mounts it: the copy runs on that node" : "any node may mount it" };
        return registry.ObservedStorage is { Location: { } used } && used != claim.Name
            ? Failed(name, "Wait until the operator has come to rest, or find out with Test-ImageRegistry why it has not.", [.. evidence, $"the operator still uses {registry.ObservedStorage}"])
            : Passed(name, evidence);
    }

    public static RegistryCheck Platform(ImageRegistry registry, RegistryStore? destination)
    {
        const string name = "Platform";
        var evidence = $"{registry.Platform ?? "not told"}, infrastructure {registry.InfrastructureName ?? "not told"}";
        return destination?.Address.Kind == StoreKind.Swift && registry.Platform is not (null or "OpenStack")
            ? Warning(name, "Away from OpenStack the operator has no credentials for Swift by itself: give them with Set-ImageRegistryCredential.", evidence)
            : Passed(name, evidence);
    }
}
