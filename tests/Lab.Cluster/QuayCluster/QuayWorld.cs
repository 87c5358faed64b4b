using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>A cluster with a Quay that works: seeded, with node and operator in this process. One world at a time for each lab.</summary>
public sealed class QuayWorld : IAsyncDisposable
{
    private readonly QuayWorldOptions _options;
    private readonly QuayWorldSeed _seed;
    private readonly Action? _released;

    private QuayWorld(LabState lab, KubeApi api, QuayWorldOptions options, QuayWorldSeed seed, NodeStandIn node, QuayOperatorStandIn @operator, Action? released)
    {
        (Lab, Api, _options, _seed, Node, Operator, _released) = (lab, api, options, seed, node, @operator, released);
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(CertificateAuthority));
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, SslOptions = { CertificateChainPolicy = trust } }) { BaseAddress = Registry };
    }

    /// <summary>The lab it lives in.</summary>
    public LabState Lab { get; }

    /// <summary>The API server, as the administrator.</summary>
    public KubeApi Api { get; }

    /// <summary>The nodes.</summary>
    public NodeStandIn Node { get; }

    /// <summary>The operator: its mode may be changed.</summary>
    public QuayOperatorStandIn Operator { get; }

    /// <summary>What asks Quay, trusts its certificate and follows no redirects.</summary>
    public HttpClient Http { get; }

    /// <summary>Quay's address: HTTPS.</summary>
    public Uri Registry => new($"https://127.0.0.1:{Lab.OpenShift.QuayPort}");

    /// <summary>Who signed its certificate.</summary>
    public string CertificateAuthority => Lab.Kube.CertificateAuthority;

    /// <summary>The bucket of the bundle's location; null where the storage is managed (<see cref="ManagedBucketAsync"/>).</summary>
    public string? Bucket => _seed.Bucket;

    /// <summary>What Quay knows.</summary>
    public QuayDatabase Database => _seed.Database;

    /// <summary>Paths of the QuayRegistry and its Deployment, of Secrets and pods of the namespace.</summary>
    public string Path => QuayNames.Registry(_options.Namespace, _options.Name);

    /// <summary>The path of Quay's Deployment.</summary>
    public string Deployment => QuayNames.Deployment(_options.Namespace, _options.Name);

    /// <summary>The path of the namespace's Secrets.</summary>
    public string Secrets => QuayNames.Secrets(_options.Namespace);

    /// <summary>The path of the namespace's pods.</summary>
    public string Pods => $"/api/v1/namespaces/{_options.Namespace}/pods";

    /// <summary>Makes everything; <see cref="WaitReadyAsync(CancellationToken)"/> waits until it works.</summary>
    /// <param name="lab">A lab in which <c>openshift</c> and <c>ceph</c> run.</param>
    /// <param name="options">What it looks like.</param>
    /// <param name="worker">The worker program for pods of Jobs; null for none.</param>
    /// <param name="released">Called when the world is gone.</param>
    /// <param name="cancellationToken">Ends the making.</param>
    public static async Task<QuayWorld> CreateAsync(LabState lab, QuayWorldOptions options, string? worker, Action? released, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lab);
        ArgumentNullException.ThrowIfNull(options);
        var api = new KubeApi(lab.Kube);
        var seed = new QuayWorldSeed(api, lab, options);
        await seed.MakeAsync(cancellationToken);
        var node = await NodeStandIn.StartAsync(lab, worker, cancellationToken);
        return new QuayWorld(lab, api, options, seed, node, QuayOperatorStandIn.Start(lab), released);
    }

    /// <summary>Waits until the operator is done with the QuayRegistry as it is now, and all pods serve.</summary>
    public Task WaitReadyAsync(CancellationToken cancellationToken) => WaitReadyAsync(Api, _options, cancellationToken);

    /// <summary>The same for a world that is not in this process.</summary>
    public static async Task WaitReadyAsync(KubeApi api, QuayWorldOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(api);
        ArgumentNullException.ThrowIfNull(options);
        while (true)
        {
            var registry = await api.GetAsync(QuayNames.Registry(options.Namespace, options.Name), cancellationToken);
            var conditions = new Conditions(registry.Items("status", "conditions"));
            if (registry.Number("status", "observedGeneration") == registry.Generation && conditions["RolloutBlocked"] == "False" && conditions["Available"] == "True"
                && await api.FindAsync(QuayNames.Deployment(options.Namespace, options.Name), cancellationToken) is { } deployment && RegistryWorld.IsRolledOut(deployment))
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Makes a bundle of config.yaml and other files, and lets the QuayRegistry name it.</summary>
    public async Task ChangeBundleAsync(string name, JsonObject files, CancellationToken cancellationToken)
    {
        await _seed.MakeBundleAsync(name, files, cancellationToken);
        await Api.MergeAsync(Path, new JsonObject { ["spec"] = new JsonObject { ["configBundleSecret"] = name } }, cancellationToken);
    }

    /// <summary>A file of the bundle as it was seeded.</summary>
    public async Task<string> BundleFileAsync(string file, CancellationToken cancellationToken) =>
        Encoding.UTF8.GetString(PodVolumes.Data(await Api.GetAsync($"{Secrets}/{QuayWorldSeed.Bundle}", cancellationToken), secret: true)[file]);

    /// <summary>The bucket that the operator made.</summary>
    public async Task<string> ManagedBucketAsync(CancellationToken cancellationToken) =>
        (await Api.GetAsync($"{QuayNames.Maps(_options.Namespace)}/{_options.Name}-quay-datastore", cancellationToken)).Text("data", "BUCKET_NAME")!;

    /// <summary>A token for a repository, as the administrator of Quay.</summary>
    public Task<string> TokenAsync(string repository, CancellationToken cancellationToken) => TokenAsync(Http, repository, cancellationToken);

    /// <summary>The same of any Quay with the lab's accounts.</summary>
    public static async Task<string> TokenAsync(HttpClient http, string repository, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(http);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v2/auth?service=lab&scope=repository:{repository}:pull,push");
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{QuayWorldSeed.User}:{QuayWorldSeed.Password}")));
        using var response = await http.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken))!["token"]!.GetValue<string>();
    }

    /// <summary>Pushes an image of one layer as the administrator of Quay, and gives its digest.</summary>
    public async Task<string> PushAsync(string repository, string tag, CancellationToken cancellationToken, int seed = 1, int bytes = 100_000)
    {
        using var push = new ImagePush(Registry, CertificateAuthority, await TokenAsync(repository, cancellationToken));
        var layer = new byte[bytes];
        new Random(seed).NextBytes(layer);
        return await push.PushAsync(repository, tag, layer, cancellationToken);
    }

    /// <summary>Stops everything and takes the objects away. Buckets stay.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Operator.DisposeAsync();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            await _seed.RemoveAsync(limit.Token);
        }
        finally
        {
            await Node.DisposeAsync();
            Http.Dispose();
            Api.Dispose();
            _released?.Invoke();
        }
    }
}
