using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Amazon.S3;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Lab.Cluster;

namespace RegistryMigration.Clusters.Tests.Lab;

/// <summary>A Quay on a directory, in this process: its configuration may be changed, and it started again.</summary>
public sealed class StandaloneQuay : IAsyncDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("quay-").FullName;
    private readonly int port = FreePort();
    private QuayStandIn? running;

    /// <summary>Makes the directories and a bucket of Ceph's first user.</summary>
    public static async Task<StandaloneQuay> CreateAsync(CephEndpoints ceph)
    {
        var quay = new StandaloneQuay(ceph);
        await quay.MakeBucketAsync(quay.Bucket, ceph.AccessKey, ceph.SecretKey);
        return quay;
    }

    private StandaloneQuay(CephEndpoints ceph)
    {
        Ceph = ceph;
        Directory.CreateDirectory(Configuration);
        Database = new QuayDatabase(Path.Combine(root, "database"));
        Database.Write(new QuayAccounts
        {
            Users = { [QuayWorldSeed.User] = new QuayAccount { Password = QuayWorldSeed.Password, Organizations = { "demo", "shop" } } },
            Organizations = { "demo", "shop" },
            Tokens =
            {
                ["superuser"] = new QuayOAuthToken(QuayWorldSeed.User, "super:user repo:read"),
                ["reader"] = new QuayOAuthToken(QuayWorldSeed.User, "repo:read"),
                ["other"] = new QuayOAuthToken("other", "super:user"),
                ["over"] = new QuayOAuthToken(QuayWorldSeed.User, "super:user", DateTimeOffset.UnixEpoch),
            },
        });
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    public CephEndpoints Ceph { get; }

    public string Bucket { get; } = $"quay-{Guid.NewGuid().ToString("n")[..12]}";

    public string Configuration => Path.Combine(root, "conf", "stack");

    public QuayDatabase Database { get; }

    /// <summary>Follows no redirects.</summary>
    public HttpClient Http { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The location <c>default</c> in the bucket; parts of it other than right.</summary>
    public string Storage(string? bucket = null, string? secretKey = null, string path = "/datastorage/registry", bool tls = false, string location = "default")
    {
        var address = tls ? Ceph.TlsEndpoint : Ceph.Endpoint;
        return $"DISTRIBUTED_STORAGE_PREFERENCE: [{location}]\nDISTRIBUTED_STORAGE_CONFIG:\n  {location}:\n  - RadosGWStorage\n  - {{hostname: {address.Host}, port: {address.Port}, is_secure: {(tls ? "yes" : "no")}, access_key: {Ceph.AccessKey}, "
            + $"secret_key: {secretKey ?? Ceph.SecretKey}, bucket_name: {bucket ?? Bucket}, storage_path: {path}}}\n";
    }

    /// <summary>Starts it anew on this configuration.</summary>
    /// <exception cref="QuayBootException">Quay refuses it.</exception>
    internal async Task StartAsync(string yaml, bool ignoreValidation = false)
    {
        await StopAsync();
        await File.WriteAllTextAsync(Path.Combine(Configuration, "config.yaml"), $"SETUP_COMPLETE: true\nSERVER_HOSTNAME: 127.0.0.1:{port}\nPREFERRED_URL_SCHEME: http\n{yaml}", Cancellation);
        running = await QuayStandIn.StartAsync(Configuration, Path.Combine(root, "database"), new IPEndPoint(IPAddress.Loopback, port), ignoreValidation, Cancellation);
    }

    /// <summary>Pushes an image of one layer, and gives the layer's digest.</summary>
    public async Task<string> PushAsync(string repository)
    {
        using var push = new ImagePush(Http.BaseAddress!, null, await QuayWorld.TokenAsync(Http, repository, Cancellation));
        var layer = new byte[50_000];
        new Random(7).NextBytes(layer);
        await push.PushAsync(repository, "1", layer, Cancellation);
        return "sha256:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(layer));
    }

    /// <summary>Asks, with a token for demo/app.</summary>
    public async Task<HttpResponseMessage> AskAsync(HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.RelativeOrAbsolute));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await QuayWorld.TokenAsync(Http, "demo/app", Cancellation));
        return await Http.SendAsync(request, Cancellation);
    }

    public async Task MakeBucketAsync(string name, string accessKey, string secretKey)
    {
        using var client = new AmazonS3Client(accessKey, secretKey, new AmazonS3Config { ServiceURL = Ceph.Endpoint.ToString(), ForcePathStyle = true, AuthenticationRegion = Ceph.Region });
        await client.PutBucketAsync(name, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Http.Dispose();
        Directory.Delete(root, recursive: true);
    }

    private async Task StopAsync()
    {
        if (running is not null)
            await running.DisposeAsync();
        running = null;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
