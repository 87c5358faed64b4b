using System.Text;
using System.Text.Json.Nodes;
using Amazon.S3;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>The storage that the operator manages: a claim for a bucket, and what OpenShift Data Foundation makes of it on Ceph, of the second user.</summary>
internal sealed class ObjectBuckets(KubeApi api, LabState lab)
{
    /// <summary>Makes claim and bucket once, and gives what the component adds to config.yaml (pkg/kustomize/secrets.go, ComponentObjectStorage).</summary>
    public async Task<JsonObject> EnsureAsync(Resource registry, CancellationToken cancellationToken)
    {
        var (space, name) = (registry.Namespace!, $"{registry.Name}-quay-datastore");
        var ceph = lab.Ceph ?? throw new OperatorException("error checking for object storage support: Ceph does not run: start ceph");
        if (await api.FindAsync($"{QuayNames.Maps(space)}/{name}", cancellationToken) is not { } map)
            map = await MakeAsync(registry, space, name, ceph, cancellationToken);
        var keys = PodVolumes.Data(await api.GetAsync($"{QuayNames.Secrets(space)}/{name}", cancellationToken), secret: true);
        var parameters = new JsonObject
        {
            ["access_key"] = Encoding.UTF8.GetString(keys["AWS_ACCESS_KEY_ID"]),
            ["bucket_name"] = map.Text("data", "BUCKET_NAME"),
            ["hostname"] = map.Text("data", "BUCKET_HOST"),
            ["is_secure"] = true,
            // 443 there; the lab's HTTPS has no such port.
            ["port"] = ceph.TlsEndpoint.Port,
            ["secret_key"] = Encoding.UTF8.GetString(keys["AWS_SECRET_ACCESS_KEY"]),
            ["storage_path"] = "/datastorage/registry",
        };
        return new JsonObject
        {
            ["FEATURE_PROXY_STORAGE"] = true,
            ["DISTRIBUTED_STORAGE_PREFERENCE"] = new JsonArray("local_us"),
            ["DISTRIBUTED_STORAGE_DEFAULT_LOCATIONS"] = new JsonArray("local_us"),
            ["DISTRIBUTED_STORAGE_CONFIG"] = new JsonObject { ["local_us"] = new JsonArray("RHOCSStorage", parameters) },
        };
    }

    private async Task<Resource> MakeAsync(Resource registry, string space, string name, S3Access ceph, CancellationToken cancellationToken)
    {
        var bucket = $"quay-datastore-{Guid.NewGuid()}";
        using var client = new AmazonS3Client(ceph.Second.AccessKey, ceph.Second.SecretKey, new AmazonS3Config { ServiceURL = ceph.Endpoint.ToString(), ForcePathStyle = true, AuthenticationRegion = ceph.Region });
        await client.PutBucketAsync(bucket, cancellationToken);
        var claim = QuayResources.Owned(registry, "objectbucket.io/v1alpha1", "ObjectBucketClaim", name);
        claim["spec"] = new JsonObject { ["generateBucketName"] = "quay-datastore", ["bucketName"] = bucket, ["storageClassName"] = "openshift-storage.noobaa.io" };
        await api.ApplyAsync(QuayNames.BucketClaim(space, registry.Name), claim, cancellationToken);
        await api.MergeAsync(QuayNames.BucketClaim(space, registry.Name) + "/status", new JsonObject { ["status"] = new JsonObject { ["phase"] = "Bound" } }, cancellationToken);
        var secret = QuayResources.Owned(registry, "v1", "Secret", name);
        secret["stringData"] = new JsonObject { ["AWS_ACCESS_KEY_ID"] = ceph.Second.AccessKey, ["AWS_SECRET_ACCESS_KEY"] = ceph.Second.SecretKey };
        await api.ApplyAsync($"{QuayNames.Secrets(space)}/{name}", secret, cancellationToken);
        var map = QuayResources.Owned(registry, "v1", "ConfigMap", name);
        map["data"] = new JsonObject { ["BUCKET_NAME"] = bucket, ["BUCKET_HOST"] = ceph.TlsEndpoint.Host, ["BUCKET_PORT"] = $"{ceph.TlsEndpoint.Port}" };
        return await api.ApplyAsync($"{QuayNames.Maps(space)}/{name}", map, cancellationToken);
    }
}
