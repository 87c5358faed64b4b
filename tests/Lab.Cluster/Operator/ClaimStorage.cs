using System.Text.Json.Nodes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>A persistent volume claim.</summary>
internal sealed class ClaimStorage(JsonObject section, JsonObject spec, KubeApi api) : IRegistryStorage
{
    private const string Default = "image-registry-storage";
    private const string Owned = "imageregistry.openshift.io";

    public string Kind => "pvc";

    public string Claim => section["claim"]?.GetValue<string>() is { Length: > 0 } name ? name : Default;

    public async Task<bool> ExistsAsync(CancellationToken cancellationToken) => await api.FindAsync(Names.Claim(Names.Namespace, Claim), cancellationToken) is not null;

    public async Task<(string Reason, string Message, bool Made)> CreateAsync(CancellationToken cancellationToken)
    {
        var named = section["claim"]?.GetValue<string>() is { Length: > 0 };
        var claim = await api.FindAsync(Names.Claim(Names.Namespace, Claim), cancellationToken);
        if (claim is null && named)
            throw new OperatorException($"unable to sync storage configuration: persistentvolumeclaims \"{Claim}\" not found", storageReason: "PVC Issues Found");
        if (claim is not null && !named && claim.Text("metadata", "annotations", Owned) != "true")
            throw new OperatorException("unable to sync storage configuration: could not create default PVC, it already exists and is not owned by the operator", storageReason: "PVC Already Exists");
        var made = claim is null;
        claim ??= await api.CreateAsync(Names.Claims, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = Claim, ["annotations"] = new JsonObject { [Owned] = "true" } },
            ["spec"] = new JsonObject { ["accessModes"] = new JsonArray("ReadWriteMany"), ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = "100Gi" } } },
        }, cancellationToken);
        var modes = claim.Items("spec", "accessModes").Select(mode => mode.GetValue<string>()).ToList();
        if (!modes.Contains("ReadWriteMany"))
            CheckSingle(modes);
        return (made ? "PVC Created" : "PVC Exists", "", !named);
    }

    public Task<(IReadOnlyList<KeyValuePair<string, string>> Plain, IReadOnlyList<KeyValuePair<string, string>> Hidden)> VariablesAsync(CancellationToken cancellationToken) =>
        Task.FromResult<(IReadOnlyList<KeyValuePair<string, string>>, IReadOnlyList<KeyValuePair<string, string>>)>((
            [new("REGISTRY_STORAGE", "filesystem"), new("REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", "/registry")], []));

    public Task RemoveAsync(CancellationToken cancellationToken) => api.DeleteAsync(Names.Claim(Names.Namespace, Claim), null, cancellationToken);

    private void CheckSingle(List<string> modes)
    {
        var refusal = !modes.Contains("ReadWriteOnce") ? $"PVC {Claim} does not contain the necessary access modes: ReadWriteMany or ReadWriteOnce"
            : (spec["replicas"]?.GetValue<int>() ?? 1) > 1 ? "cannot use ReadWriteOnce access mode with more than one replica of the image registry"
            : spec["rolloutStrategy"]?.GetValue<string>() != "Recreate" ? $"cannot use ReadWriteOnce access mode with {spec["rolloutStrategy"]?.GetValue<string>()} rollout strategy"
            : null;
        if (refusal is not null)
            throw new OperatorException($"unable to sync storage configuration: {refusal}", storageReason: "PVC Issues Found");
    }
}
