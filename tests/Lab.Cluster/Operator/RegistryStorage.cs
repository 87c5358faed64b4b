using System.Text.Json.Nodes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>A storage that a Config asks for: does it exist, how is it made, what does the registry need to use it, and how is it destroyed.</summary>
internal interface IRegistryStorage
{
    /// <summary>The member of <c>spec.storage</c>: pvc, swift, s3.</summary>
    string Kind { get; }

    /// <summary>Whether it is there.</summary>
    Task<bool> ExistsAsync(CancellationToken cancellationToken);

    /// <summary>Takes it as it is, or makes it.</summary>
    /// <returns>How the condition StorageExists says it, and whether it was made here.</returns>
    /// <exception cref="OperatorException">It can't be used.</exception>
    Task<(string Reason, string Message, bool Made)> CreateAsync(CancellationToken cancellationToken);

    /// <summary>Variables of the registry; those in the second list are secret.</summary>
    Task<(IReadOnlyList<KeyValuePair<string, string>> Plain, IReadOnlyList<KeyValuePair<string, string>> Hidden)> VariablesAsync(CancellationToken cancellationToken);

    /// <summary>Destroys it with everything in it.</summary>
    Task RemoveAsync(CancellationToken cancellationToken);

    /// <summary>The claim to mount at /registry; null for none.</summary>
    string? Claim => null;
}

/// <summary>What the operator can't do, as its conditions say it.</summary>
/// <param name="message">The message.</param>
/// <param name="reason">The reason of a failure that stays until the spec changes; null for one that may pass.</param>
/// <param name="storageReason">The reason of the condition StorageExists; null where it does not change.</param>
internal sealed class OperatorException(string message, string? reason = null, string? storageReason = null) : Exception(message)
{
    public string? Reason { get; } = reason;

    public string? StorageReason { get; } = storageReason;
}

/// <summary>Picks the storage.</summary>
internal static class RegistryStorages
{
    private static readonly (string Member, string Name)[] Kinds =
        [("emptyDir", "EmptyDir"), ("s3", "S3"), ("swift", "Swift"), ("gcs", "GCS"), ("ibmcos", "IBMCOS"), ("pvc", "PVC"), ("azure", "Azure"), ("oss", "OSS")];

    /// <summary>The one storage of a section.</summary>
    /// <exception cref="OperatorException">There is none, or more than one, or one that the lab does not have.</exception>
    public static IRegistryStorage Of(JsonObject? storage, JsonObject spec, KubeApi api, LabState lab)
    {
        var asked = Kinds.Where(kind => storage?[kind.Member] is JsonObject).ToList();
        if (asked.Count == 0)
            throw new OperatorException("storage backend not configured", "StorageNotConfigured");
        if (asked.Count > 1)
            throw new OperatorException($"unable to sync storage configuration: exactly one storage type should be configured at the same time, got {asked.Count}: [{string.Join(' ', asked.Select(kind => kind.Name))}]");
        var section = (JsonObject)storage![asked[0].Member]!;
        return asked[0].Member switch
        {
            "pvc" => new ClaimStorage(section, spec, api),
            "swift" => new SwiftStorage(section, api),
            "s3" => new S3Storage(section, api, lab),
            var other => throw new OperatorException($"unable to sync storage configuration: the lab has no {other}"),
        };
    }
}
