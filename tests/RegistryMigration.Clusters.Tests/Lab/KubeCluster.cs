using System.Globalization;
using System.Text.Json.Nodes;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Lab.Cluster;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Lab;

/// <summary>A cluster of the lab, for tests.</summary>
public sealed class KubeCluster : IAsyncDisposable
{
    private readonly SemaphoreSlim oneWorld = new(1);
    private readonly LabInstance? own;

    internal KubeCluster(LabInstance? own, LabState lab)
    {
        this.own = own;
        Lab = lab;
        Api = new KubeApi(lab.Kube);
    }

    /// <summary>Where it is, and what else runs.</summary>
    public LabState Lab { get; internal set; }

    /// <summary>The API server, tokens, certificates, kubeconfig.</summary>
    public KubeAccess Kube => Lab.Kube;

    /// <summary>Raw JSON as the administrator, independent of the product's client.</summary>
    public KubeApi Api { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>What the product connects with: as <c>admin</c>, <c>viewer</c>, <c>nobody</c> or <c>limited</c>.</summary>
    public ClusterOptions Options(string user = "admin") => new()
    {
        Server = Kube.Server,
        Token = new Secret(user == "admin" ? Kube.AdminToken : Kube.Tokens[user]),
        Tls = new TlsOptions { CertificateAuthorityPath = Kube.CertificateAuthority },
    };

    /// <summary>A namespace for one test; it goes with the lab.</summary>
    public async Task<string> CreateNamespaceAsync(string prefix = "test")
    {
        var name = $"{prefix}-{Guid.NewGuid().ToString("n")[..10]}";
        await Api.CreateAsync("/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }, Cancellation);
        return name;
    }

    /// <summary>Lets the user <c>limited</c> do these things, cluster-wide: each <c>group/resource:verb,verb</c>, the core group as an empty text.</summary>
    public async Task GrantAsync(params string[] rules)
    {
        var parsed = rules.Select(rule =>
        {
            string[] parts = rule.Split('/', 2), resource = parts[1].Split(':');
            return new JsonObject { ["apiGroups"] = new JsonArray(parts[0]), ["resources"] = new JsonArray(resource[0]), ["verbs"] = new JsonArray([.. resource[1].Split(',').Select(verb => (JsonNode)verb)]) };
        });
        const string Path = "/apis/rbac.authorization.k8s.io/v1";
        await Api.ApplyAsync($"{Path}/clusterroles/limited", new JsonObject { ["apiVersion"] = "rbac.authorization.k8s.io/v1", ["kind"] = "ClusterRole", ["metadata"] = new JsonObject { ["name"] = "limited" }, ["rules"] = new JsonArray([.. parsed]) }, Cancellation);
        await Api.ApplyAsync($"{Path}/clusterrolebindings/limited", new JsonObject
        {
            ["apiVersion"] = "rbac.authorization.k8s.io/v1",
            ["kind"] = "ClusterRoleBinding",
            ["metadata"] = new JsonObject { ["name"] = "limited" },
            ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = "limited" },
            ["subjects"] = new JsonArray(new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "User", ["name"] = "limited" }),
        }, Cancellation);
    }

    /// <summary>An image registry that works: one at a time on a cluster. Disposing it makes room for the next one.</summary>
    /// <param name="options">What it looks like; null is a registry on a volume.</param>
    /// <param name="worker">The worker program for pods of Jobs.</param>
    public async Task<RegistryWorld> CreateWorldAsync(WorldOptions? options = null, string? worker = null)
    {
        await oneWorld.WaitAsync(Cancellation);
        try
        {
            return await RegistryWorld.CreateAsync(Lab, options ?? new WorldOptions(), worker, () => oneWorld.Release(), Cancellation);
        }
        catch
        {
            oneWorld.Release();
            throw;
        }
    }

    /// <summary>A Quay under its operator: one world at a time on a cluster.</summary>
    /// <param name="options">What it looks like; null is one whose bundle names a bucket.</param>
    /// <param name="worker">The worker program for pods of Jobs.</param>
    public async Task<QuayWorld> CreateQuayWorldAsync(QuayWorldOptions? options = null, string? worker = null)
    {
        await oneWorld.WaitAsync(Cancellation);
        try
        {
            return await QuayWorld.CreateAsync(Lab, options ?? new QuayWorldOptions(), worker, () => oneWorld.Release(), Cancellation);
        }
        catch
        {
            oneWorld.Release();
            throw;
        }
    }

    /// <summary>Takes the API server away for a while, and brings it back on its port. Not on the shared cluster.</summary>
    public async Task RestartApiServerAsync(TimeSpan away)
    {
        Assert.True(own is not null, "Other tests use this API server: restart one of your own (StartOwnClusterAsync).");
        string[] arguments = ["restart", Lab.Directory, "kube-apiserver", away.TotalSeconds.ToString(CultureInfo.InvariantCulture)];
        (await LabScript.RunAsync(arguments, new Dictionary<string, string>(), Cancellation)).EnsureSuccess();
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        oneWorld.Dispose();
        if (own is not null)
            await own.DisposeAsync();
    }
}
