using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>A cluster with an image registry that works: seeded, with node and operator in this process. One at a time for each lab.</summary>
public sealed class RegistryWorld : IAsyncDisposable
{
    private readonly WorldSeed _seed;
    private readonly ImagePush _push;
    private readonly Action? _released;

    private RegistryWorld(LabState lab, KubeApi api, WorldSeed seed, NodeStandIn node, OperatorStandIn @operator, Action? released)
    {
        Lab = lab;
        Api = api;
        _seed = seed;
        Node = node;
        Operator = @operator;
        _released = released;
        _push = new ImagePush(Registry, CertificateAuthority, Token);
    }

    /// <summary>The lab it lives in.</summary>
    public LabState Lab { get; }

    /// <summary>The API, as the administrator.</summary>
    public KubeApi Api { get; }

    /// <summary>The operator; <see cref="OperatorStandIn.Mode"/> can be set at any time.</summary>
    public OperatorStandIn Operator { get; }

    /// <summary>The nodes.</summary>
    public NodeStandIn Node { get; }

    /// <summary>The registry's address.</summary>
    public Uri Registry => new($"https://127.0.0.1:{Lab.OpenShift.RegistryPort}/");

    /// <summary>A PEM file: who signed for the registry and for the API server.</summary>
    public string CertificateAuthority => Lab.Kube.CertificateAuthority;

    /// <summary>The administrator's token.</summary>
    public string Token => Lab.Kube.AdminToken;

    /// <summary>What the claim image-registry-storage holds.</summary>
    public string ClaimDirectory => Path.Combine(Lab.Claims, Names.Namespace, "image-registry-storage");

    /// <summary>The container or bucket: the one in use, or a free name for the one to move to.</summary>
    public string Container => _seed.Container;

    /// <summary>Makes everything; <see cref="WaitReadyAsync(CancellationToken)"/> waits until it works.</summary>
    /// <param name="lab">A lab in which <c>openshift</c> runs, and Swift or S3 where the options ask for them.</param>
    /// <param name="options">What it looks like.</param>
    /// <param name="worker">The worker program for pods of Jobs; null for none.</param>
    /// <param name="released">Called when the world is gone.</param>
    /// <param name="cancellationToken">Ends the making.</param>
    public static async Task<RegistryWorld> CreateAsync(LabState lab, WorldOptions options, string? worker, Action? released, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lab);
        var api = new KubeApi(lab.Kube);
        var seed = new WorldSeed(api, lab, options);
        await seed.MakeAsync(cancellationToken);
        var node = await NodeStandIn.StartAsync(lab, worker, cancellationToken);
        return new RegistryWorld(lab, api, seed, node, OperatorStandIn.Start(lab), released);
    }

    /// <summary>Waits until the operator is done with the Config as it is now, and the registry serves.</summary>
    public Task WaitReadyAsync(CancellationToken cancellationToken) => WaitReadyAsync(Api, cancellationToken);

    /// <summary>The same for a world that is not in this process.</summary>
    public static async Task WaitReadyAsync(KubeApi api, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(api);
        while (true)
        {
            var config = await api.GetAsync(Names.Config, cancellationToken);
            var conditions = new Conditions(config.Items("status", "conditions"));
            var deployment = await api.FindAsync(Names.Deployment, cancellationToken);
            var cluster = await api.FindAsync(Names.ClusterOperator, cancellationToken);
            if (config.Number("status", "observedGeneration") >= config.Generation && conditions["Available"] == "True" && conditions["Progressing"] == "False"
                && new Conditions(cluster?.Items("status", "conditions") ?? [])["Progressing"] == "False"
                && (deployment is null || IsRolledOut(deployment)))
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Whether all pods are of the Deployment as it is now. Conditions alone are racy: an operator may have looked at a Deployment whose controller had not yet.</summary>
    internal static bool IsRolledOut(Resource deployment)
    {
        var wanted = deployment.Number("spec", "replicas");
        return deployment.Number("status", "observedGeneration") >= deployment.Generation
            && wanted == (deployment.Number("status", "updatedReplicas") ?? 0) && wanted == (deployment.Number("status", "availableReplicas") ?? 0) && wanted == (deployment.Number("status", "replicas") ?? 0);
    }

    /// <summary>Pushes an image of one layer with the administrator's token, and gives its digest.</summary>
    public Task<string> PushAsync(string repository, string tag, CancellationToken cancellationToken, int seed = 1, int bytes = 100_000)
    {
        var layer = new byte[bytes];
        new Random(seed).NextBytes(layer);
        return _push.PushAsync(repository, tag, layer, cancellationToken);
    }

    /// <summary>The status with which the registry answers for a manifest.</summary>
    public Task<int> PullStatusAsync(string repository, string reference, CancellationToken cancellationToken) => _push.StatusAsync(repository, reference, cancellationToken);

    /// <summary>Stops everything and takes the objects away. Containers and buckets stay.</summary>
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
            _push.Dispose();
            Api.Dispose();
            _released?.Invoke();
        }
    }
}
