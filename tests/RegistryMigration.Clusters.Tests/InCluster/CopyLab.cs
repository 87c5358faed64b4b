using System.Net;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.InCluster;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Tests.Lab;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Lab.Cluster;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.InCluster;

/// <summary>A cluster of its own with nodes, a namespace, and a claim that a pod on one node uses. Any registry's; nothing of OpenShift is needed.</summary>
internal sealed class CopyLab : IAsyncDisposable
{
    public const string Namespace = "images";
    public const string Claim = "registry-storage";
    public const string FreeClaim = "spare-storage";

    private readonly KubeCluster _cluster;
    private readonly NodeStandIn _node;

    private CopyLab(KubeCluster cluster, NodeStandIn node) => (_cluster, _node) = (cluster, node);

    public KubeApi Api => _cluster.Api;

    public LabState Lab => _cluster.Lab;

    /// <summary>What the claim that is in use holds.</summary>
    public string Directory => Path.Combine(Lab.Claims, Namespace, Claim);

    /// <summary>What the claim that nobody uses holds.</summary>
    public string FreeDirectory => Path.Combine(Lab.Claims, Namespace, FreeClaim);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<CopyLab> StartAsync(KubeLab lab, params string[] servers)
    {
        var cluster = await lab.StartOwnClusterAsync(servers);
        var node = await NodeStandIn.StartAsync(cluster.Lab, Path.Combine(AppContext.BaseDirectory, "registry-migration"), Cancellation);
        var made = new CopyLab(cluster, node);
        try
        {
            await made.FillAsync();
            return made;
        }
        catch
        {
            await made.DisposeAsync();
            throw;
        }
    }

    public Task<IKubernetesClient> ConnectAsync(string user = "admin") => KubernetesClients.ConnectAsync(_cluster.Options(user), TimeProvider.System, Cancellation);

    /// <summary>A new container of the lab's Swift.</summary>
    public async Task<RegistryStore> SwiftAsync()
    {
        var access = Lab.Swift!;
        var store = new RegistryStore($"swift://copy-{Guid.NewGuid().ToString("n")[..10]}") { Swift = new SwiftOptions { AuthUrl = access.AuthUrl, UserName = access.User, Password = new Secret(access.Key) } };
        await using var bare = StoreFactory.Connect(store, "", StoreContext.Create(TimeProvider.System));
        await bare.InitializeAsync(new Dictionary<string, string>(), Cancellation);
        return store;
    }

    /// <summary>Objects of all types that still carry a copy's label.</summary>
    public async Task<IReadOnlyList<string>> LeftoversAsync(string name)
    {
        var found = new List<string>();
        foreach (var (group, plural) in new[] { ("/apis/batch/v1", "jobs"), ("/apis/networking.k8s.io/v1", "networkpolicies"), ("/api/v1", "configmaps"), ("/api/v1", "secrets"), ("/api/v1", "pods") })
        {
            var objects = await Api.ListAsync($"{group}/namespaces/{Namespace}/{plural}", Cancellation);
            found.AddRange(objects.Where(resource => resource.Text("metadata", "labels", SyncNames.SyncLabel) == name).Select(resource => $"{plural}/{resource.Name}"));
        }

        return found;
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    private async Task FillAsync()
    {
        await Api.CreateAsync("/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = Namespace } }, Cancellation);
        var claims = $"/api/v1/namespaces/{Namespace}/persistentvolumeclaims";
        foreach (var claim in new[] { Claim, FreeClaim })
            await Api.CreateAsync(claims, JsonNode.Parse($$"""{"metadata":{"name":"{{claim}}"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"} } } }""")!.AsObject(), Cancellation);
        var holder = JsonNode.Parse($$$$"""
            {"metadata":{"name":"registry","labels":{"docker-registry":"default"}},
             "spec":{"restartPolicy":"Always","securityContext":{"fsGroup":2000},
                     "containers":[{"name":"registry","image":"registry.test/any:1","command":["sleep","3600"],"volumeMounts":[{"name":"storage","mountPath":"/registry"}]}],
                     "volumes":[{"name":"storage","persistentVolumeClaim":{"claimName":"{{{{Claim}}}}"}}]}}
            """)!.AsObject();
        while (true)
        {
            try
            {
                await Api.CreateAsync($"/api/v1/namespaces/{Namespace}/pods", holder.DeepClone().AsObject(), Cancellation);
                break;
            }
            catch (KubeApiException e) when (e.Status is HttpStatusCode.Forbidden or HttpStatusCode.InternalServerError)
            {
                // The namespace's ServiceAccount or its token is on its way.
                await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Cancellation);
            }
        }

        while ((await Api.GetAsync($"/api/v1/namespaces/{Namespace}/pods/registry", Cancellation)).Text("status", "phase") != "Running")
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
    }
}
