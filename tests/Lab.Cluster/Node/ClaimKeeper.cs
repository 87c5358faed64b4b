using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Binds claims at once, each to a directory, and deletes the directory with its claim: the reclaim policy of most clusters.</summary>
internal sealed class ClaimKeeper(NodeContext context)
{
    private readonly Dictionary<string, string> _directories = new(StringComparer.Ordinal);

    /// <summary>Brings directories in line with claims.</summary>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        var claims = await context.Api.ListAsync("/api/v1/persistentvolumeclaims", cancellationToken);
        foreach (var gone in _directories.Where(known => claims.All(claim => claim.Uid != known.Key)).ToList())
        {
            _directories.Remove(gone.Key);
            if (Directory.Exists(gone.Value))
                Directory.Delete(gone.Value, recursive: true);
        }
        foreach (var claim in claims)
        {
            var directory = Path.Combine(context.Lab.Claims, claim.Namespace!, claim.Name);
            if (_directories.TryAdd(claim.Uid!, directory))
                Directory.CreateDirectory(directory);
            if (claim.Text("status", "phase") != "Bound")
                await BindAsync(claim, cancellationToken);
        }
    }

    private async Task BindAsync(Resource claim, CancellationToken cancellationToken)
    {
        var path = Names.Claim(claim.Namespace, claim.Name);
        if (claim.Text("spec", "volumeName") is null)
            await context.Api.MergeAsync(path, new JsonObject { ["spec"] = new JsonObject { ["volumeName"] = $"pvc-{claim.Uid}" } }, cancellationToken);
        await context.Api.MergeAsync(path + "/status", new JsonObject
        {
            ["status"] = new JsonObject
            {
                ["phase"] = "Bound",
                ["accessModes"] = claim.At("spec", "accessModes")?.DeepClone(),
                ["capacity"] = claim.At("spec", "resources", "requests")?.DeepClone(),
            },
        }, cancellationToken);
    }
}
