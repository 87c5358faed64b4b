using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Quay.Preflight;
using RegistryMigration.Clusters.Tests.Lab;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Quay.Preflight;

/// <summary>docs/rbac/quay.yaml grants what the preflight asks for, by a real API server's own judgement.</summary>
public sealed class QuayRightsTests(KubeLab lab)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_manifest_is_enough_and_what_is_missing_is_named()
    {
        await lab.RequireAsync();
        var space = await lab.Cluster.CreateNamespaceAsync();
        using var client = await KubernetesClients.ConnectAsync(lab.Cluster.Options("limited"), TimeProvider.System, Cancellation);
        var refused = await QuayRights.CheckAsync(client, space, "registry", Cancellation);
        Assert.Equal(CheckStatus.Failed, refused.Status);
        Assert.Contains($"may not patch quayregistries.quay.redhat.com/registry in {space}", refused.Evidence);
        Assert.Contains("quay.yaml", refused.NextStep, StringComparison.Ordinal);

        foreach (var manifest in RbacManifests.Read("quay.yaml"))
        {
            manifest["metadata"]!["namespace"] = space;
            if (manifest["subjects"] is not null)
                manifest["subjects"] = new JsonArray(new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "User", ["name"] = "limited" });
            await lab.Cluster.Api.ApplyAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{space}/{((string)manifest["kind"]!).ToLowerInvariant()}s/{manifest["metadata"]!["name"]}", manifest, Cancellation);
        }

        var granted = await QuayRights.CheckAsync(client, space, "registry", Cancellation);
        Assert.True(granted.Status == CheckStatus.Passed, string.Join("; ", granted.Evidence));
    }
}
