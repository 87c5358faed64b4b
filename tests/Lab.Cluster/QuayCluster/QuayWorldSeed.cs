using System.Text;
using System.Text.Json.Nodes;
using Amazon.S3;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Makes the objects of a cluster with a Quay, and takes them away again.</summary>
public sealed class QuayWorldSeed(KubeApi api, LabState lab, QuayWorldOptions options)
{
    /// <summary>The administrator of Quay, who is in both organisations.</summary>
    public const string User = "admin";

    /// <summary>The password of all accounts: <see cref="User"/>, and the robot <c>demo+puller</c>, who may only pull.</summary>
    public const string Password = "lab-password";

    /// <summary>A token of <see cref="User"/>, who is a superuser, and of that scope.</summary>
    public const string SuperuserToken = "lab-superuser-token";

    /// <summary>The Secret with the configuration.</summary>
    public const string Bundle = "init-config-bundle";

    /// <summary>The bucket of the bundle's location; null where the storage is managed.</summary>
    public string? Bucket { get; private set; } = options.Bucket;

    /// <summary>Quay's database.</summary>
    public QuayDatabase Database { get; } = new(QuayNames.Database(lab, options.Namespace, options.Name));

    /// <summary>Makes everything; the QuayRegistry comes last.</summary>
    public async Task MakeAsync(CancellationToken cancellationToken)
    {
        var database = QuayNames.Database(lab, options.Namespace, options.Name);
        if (Directory.Exists(database))
            Directory.Delete(database, recursive: true);
        Database.Write(new QuayAccounts
        {
            Users = { [User] = new QuayAccount { Password = Password, Organizations = { "demo", "shop" } }, ["demo+puller"] = new QuayAccount { Password = Password, Organizations = { "demo" }, ReadOnly = true } },
            Organizations = { "demo", "shop" },
            Tokens = { [SuperuserToken] = new QuayOAuthToken(User, "super:user") },
        });
        await api.ApplyAsync($"/api/v1/namespaces/{options.Namespace}", Object("v1", "Namespace", options.Namespace), cancellationToken);
        if (!options.Managed && Bucket is null)
            await MakeBucketAsync(cancellationToken);
        var files = new JsonObject { ["config.yaml"] = Config() };
        if (options is { Tls: true, Managed: false })
            files["extra_ca_cert_ceph.crt"] = await File.ReadAllTextAsync(Ceph().CaFile, cancellationToken);
        await MakeBundleAsync(Bundle, files, cancellationToken);
        var registry = Object("quay.redhat.com/v1", "QuayRegistry", options.Name);
        registry["spec"] = new JsonObject
        {
            ["configBundleSecret"] = Bundle,
            ["components"] = new JsonArray(
                Component("quay", true, new JsonObject { ["replicas"] = options.Replicas }),
                Component("objectstorage", options.Managed),
                Component("horizontalpodautoscaler", false),
                Component("clair", false),
                Component("clairpostgres", false),
                Component("mirror", false),
                Component("monitoring", false)),
        };
        await api.ApplyAsync(QuayNames.Registry(options.Namespace, options.Name), registry, cancellationToken);
    }

    /// <summary>Makes a bundle: a Secret of the namespace with these files.</summary>
    public Task MakeBundleAsync(string name, JsonObject files, CancellationToken cancellationToken)
    {
        var secret = Object("v1", "Secret", name);
        secret["data"] = new JsonObject(files.Select(file => KeyValuePair.Create<string, JsonNode?>(file.Key, Convert.ToBase64String(Encoding.UTF8.GetBytes(file.Value!.ToString())))));
        return api.ApplyAsync($"{QuayNames.Secrets(options.Namespace)}/{name}", secret, cancellationToken);
    }

    /// <summary>Takes everything away, with no operator running. Buckets stay.</summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        await api.DeleteAsync(QuayNames.Registry(options.Namespace, options.Name), null, cancellationToken);
        await WorldSeed.EmptyAsync(api, options.Namespace, cancellationToken);
    }

    // As an administrator's hand left it: comments, an order of its own, keys that no version of Quay knows.
    private string Config()
    {
        var text = new StringBuilder($"""
            # Quay of the lab.
            REGISTRY_TITLE: "Lab: Quay"   # a colon in a text
            SERVER_HOSTNAME: 127.0.0.1:{lab.OpenShift.QuayPort}
            SUPER_USERS:
                - {User}
            SOMETHING_NOBODY_KNOWS: {"{"}kept: [1, "two", ~]{"}"}

            """);
        if (!options.Managed)
        {
            var address = options.Tls ? Ceph().TlsEndpoint : Ceph().Endpoint;
            var parameters = options.Driver == "S3Storage"
                ? $"storage_path: {options.StoragePath}\n          s3_bucket: {Bucket}\n          s3_access_key: {Ceph().AccessKey}\n          s3_secret_key: {Ceph().SecretKey}   # the first user's\n          endpoint_url: {address.GetLeftPart(UriPartial.Authority)}\n"
                : $"access_key: {Ceph().AccessKey}\n          secret_key: {Ceph().SecretKey}   # the first user's\n          bucket_name: {Bucket}\n          hostname: {address.Host}\n          is_secure: {(options.Tls ? "true" : "false")}\n          port: {address.Port}\n          storage_path: {options.StoragePath}\n";
            text.Append($"\n# Storage\nDISTRIBUTED_STORAGE_DEFAULT_LOCATIONS: []\nDISTRIBUTED_STORAGE_CONFIG:\n    {options.Location}:\n        - {options.Driver}\n        - {parameters}DISTRIBUTED_STORAGE_PREFERENCE:\n    - {options.Location}\n");
        }
        if (options.ProxyStorage)
            text.Append("FEATURE_PROXY_STORAGE: true\n");
        return text.Append("FEATURE_MAILING: false\n").ToString();
    }

    private async Task MakeBucketAsync(CancellationToken cancellationToken)
    {
        Bucket = $"quay-{Guid.NewGuid().ToString("n")[..12]}";
        using var client = new AmazonS3Client(Ceph().AccessKey, Ceph().SecretKey, new AmazonS3Config { ServiceURL = Ceph().Endpoint.ToString(), ForcePathStyle = true, AuthenticationRegion = Ceph().Region });
        await client.PutBucketAsync(Bucket, cancellationToken);
    }

    private S3Access Ceph() => lab.Ceph ?? throw new InvalidOperationException("S3 does not run: start ceph.");

    private static JsonObject Component(string kind, bool managed, JsonObject? overrides = null)
    {
        var component = new JsonObject { ["kind"] = kind, ["managed"] = managed };
        if (overrides is not null)
            component["overrides"] = overrides;
        return component;
    }

    private static JsonObject Object(string version, string kind, string name) => new() { ["apiVersion"] = version, ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = name } };
}
