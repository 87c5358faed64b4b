using System.Text;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Quay.Drivers;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay;

/// <summary>The bucket that the operator claims for a Quay whose storage it owns. No bundle names it, and the claim stays when the storage is taken out of the operator's hands.</summary>
internal static class ClaimedBucket
{
    // What checkObjectBucketClaimsAvailable of the operator (controllers/quay/features.go) reads of a claim, and what it says beside that (pkg/kustomize/secrets.go).
    private const string Location = "local_us";
    private const string StoragePath = "/datastorage/registry";
    private const string TlsPort = "443";

    /// <summary>The location as the operator configures it.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="namespace">The QuayRegistry's namespace.</param>
    /// <param name="name">The QuayRegistry.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ClusterException">There is no such claim, or it may not be read.</exception>
    public static async Task<QuayStorageLocation> ReadAsync(IKubernetesClient client, string @namespace, string name, CancellationToken cancellationToken)
    {
        var claim = $"{name}-quay-datastore";
        var map = await client.FindAsync(ResourceTypes.ConfigMaps, @namespace, claim, cancellationToken);
        var secret = await client.FindAsync(ResourceTypes.Secrets, @namespace, claim, cancellationToken);
        if (map?.Text("data", "BUCKET_NAME") is not { } bucket || map.Text("data", "BUCKET_HOST") is not { } host || Key(secret, "AWS_ACCESS_KEY_ID") is not { } accessKey || Key(secret, "AWS_SECRET_ACCESS_KEY") is not { } secretKey)
            throw new ClusterException(ClusterErrorKind.NotFound, $"The operator owned the storage of {name}, and its bucket claim is gone or has not been bound: {@namespace} has no ConfigMap and Secret {claim} with bucket, host and keys. Describe the storage yourself: New-RegistryStore s3://<bucket> -Endpoint <its server> -Credential <its keys>.") { Target = claim };
        var settings = new JsonObject
        {
            ["access_key"] = accessKey,
            ["bucket_name"] = bucket,
            ["hostname"] = Qualified(host),
            ["is_secure"] = true,
            // Always TLS there, whatever port the claim tells for plain HTTP.
            ["port"] = map.Text("data", "BUCKET_PORT") is { Length: > 0 } port and not "80" ? port : TlsPort,
            ["secret_key"] = secretKey,
            ["storage_path"] = StoragePath,
        };
        return DriverStores.Read(Location, new JsonArray("RHOCSStorage", settings), preferred: true);
    }

    private static string Qualified(string host) => host.Contains(".svc.cluster.local", StringComparison.Ordinal) ? host : host.Replace(".svc", ".svc.cluster.local", StringComparison.Ordinal);

    private static string? Key(Resource? secret, string name) => secret?.Text("data", name) is { Length: > 0 } value ? Encoding.UTF8.GetString(Convert.FromBase64String(value)) : null;
}
