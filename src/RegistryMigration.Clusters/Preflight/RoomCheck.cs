using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Checks.PreflightCheck;

namespace RegistryMigration.Clusters.Preflight;

/// <summary>Whether a storage has room for the images, as far as its server tells of quotas.</summary>
internal static class RoomCheck
{
    /// <param name="destination">The storage.</param>
    /// <param name="description">What the server tells; null where there is nothing to ask yet.</param>
    /// <param name="options">How much the registry keeps.</param>
    public static RegistryCheck Judge(RegistryStore destination, StoreDescription? description, PreflightOptions options)
    {
        const string name = "Destination has room";
        if (description is null)
            return Skipped(name, "there is nothing to ask yet");
        var evidence = new List<string>();
        if (description.MaxObjectSize is { } most)
            evidence.Add(FormattableString.Invariant($"larger objects than {most} bytes are written in segments"));
        evidence.Add(description.Room is { } left ? FormattableString.Invariant($"quotas leave {left} bytes")
            : destination.Address.Kind == StoreKind.S3 ? "S3 tells of no quota: ask whoever runs the storage" : "no quota is known");
        if (options.UsedBytes is { } used)
            evidence.Add(FormattableString.Invariant($"the registry keeps {used} bytes"));
        return description.Room is { } room && options.UsedBytes is { } needed && needed > room
            ? Failed(name, "Raise the quota of the container or the account first.", evidence)
            : Passed(name, evidence);
    }
}
