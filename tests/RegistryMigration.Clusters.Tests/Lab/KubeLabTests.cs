using System.Net;
using System.Text.Json.Nodes;
using RegistryMigration.Lab.Cluster;

namespace RegistryMigration.Clusters.Tests.Lab;

/// <summary>The cluster of the lab itself: it is what the other tests take it for.</summary>
public sealed class KubeLabTests(KubeLab lab)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_API_server_knows_its_users()
    {
        await lab.RequireAsync();
        using var stranger = new KubeApi(lab.Cluster.Kube, "a-stranger");
        using var nobody = new KubeApi(lab.Cluster.Kube, lab.Cluster.Kube.Tokens["nobody"]);
        using var viewer = new KubeApi(lab.Cluster.Kube, lab.Cluster.Kube.Tokens["viewer"]);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Assert.ThrowsAsync<KubeApiException>(() => stranger.ListAsync("/api/v1/nodes", Cancellation))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await Assert.ThrowsAsync<KubeApiException>(() => nobody.ListAsync("/api/v1/nodes", Cancellation))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await Assert.ThrowsAsync<KubeApiException>(() => viewer.ListAsync("/api/v1/secrets", Cancellation))).Status);
        await viewer.ListAsync("/apis/imageregistry.operator.openshift.io/v1/configs", Cancellation);
    }

    [Fact]
    public async Task A_mistyped_field_of_the_Config_vanishes_and_a_wrong_type_is_refused()
    {
        await lab.RequireAsync();
        var config = new JsonObject
        {
            ["apiVersion"] = "imageregistry.operator.openshift.io/v1",
            ["kind"] = "Config",
            ["metadata"] = new JsonObject { ["name"] = $"other-{Guid.NewGuid():n}" },
            ["spec"] = new JsonObject { ["replicas"] = 1, ["requests"] = new JsonObject { ["read"] = new JsonObject { ["maxrunning"] = 10, ["maxInQueue"] = 5 } } },
        };
        const string Path = "/apis/imageregistry.operator.openshift.io/v1/configs?dryRun=All";
        var made = await lab.Cluster.Api.CreateAsync(Path, config, Cancellation);
        Assert.Equal("""{"maxInQueue":5}""", made.At("spec", "requests", "read")!.ToJsonString());
        config["spec"]!["defaultRoute"] = "true";
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Assert.ThrowsAsync<KubeApiException>(() => lab.Cluster.Api.CreateAsync(Path, config, Cancellation))).Status);
        config["spec"] = new JsonObject();
        Assert.Contains("replicas", (await Assert.ThrowsAsync<KubeApiException>(() => lab.Cluster.Api.CreateAsync(Path, config, Cancellation))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_API_server_goes_and_comes_back_with_what_it_had()
    {
        await lab.RequireAsync();
        await using var own = await lab.StartOwnClusterAsync();
        var name = await own.CreateNamespaceAsync();
        await own.RestartApiServerAsync(TimeSpan.FromSeconds(0.5));
        Assert.Equal(name, (await own.Api.GetAsync($"/api/v1/namespaces/{name}", Cancellation)).Name);
    }
}
