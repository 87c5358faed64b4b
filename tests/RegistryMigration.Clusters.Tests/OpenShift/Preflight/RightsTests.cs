using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift.Preflight;
using RegistryMigration.Clusters.Tests.Lab;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Lab.Cluster;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.OpenShift.Preflight;

/// <summary>docs/rbac/module.yaml grants what the preflight asks for, by a real API server's own judgement.</summary>
public sealed class RightsTests(KubeLab lab)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_manifest_is_enough_and_a_verb_that_is_missing_is_named()
    {
        await lab.RequireAsync();
        await using var world = await lab.CreateWorldAsync();
        using var client = await KubernetesClients.ConnectAsync(lab.Cluster.Options("limited"), TimeProvider.System, Cancellation);
        Assert.Equal(CheckStatus.Failed, (await PermissionChecks.RunAsync(client, Cancellation)).Status);

        var manifests = RbacManifests.Read("module.yaml");
        foreach (var manifest in manifests)
            await ApplyAsync(world, manifest);
        var granted = await PermissionChecks.RunAsync(client, Cancellation);
        Assert.True(granted.Status == CheckStatus.Passed, string.Join("; ", granted.Evidence));

        var role = manifests.Single(manifest => (string?)manifest["kind"] == "ClusterRole").DeepClone().AsObject();
        var verbs = role["rules"]![0]!["verbs"]!.AsArray();
        verbs.RemoveAt(verbs.Select(verb => (string)verb!).ToList().IndexOf("patch"));
        await ApplyAsync(world, role);
        var refused = await PermissionChecks.RunAsync(client, Cancellation);
        Assert.Equal(CheckStatus.Failed, refused.Status);
        Assert.Contains("may not patch configs.imageregistry.operator.openshift.io/cluster", refused.Evidence);
        Assert.Contains("module.yaml", refused.NextStep, StringComparison.Ordinal);
    }

    // The user of the lab in place of the administrator's own ServiceAccount.
    private static async Task ApplyAsync(RegistryWorld world, JsonObject manifest)
    {
        var copy = manifest.DeepClone().AsObject();
        if (copy["subjects"] is not null)
            copy["subjects"] = new JsonArray(new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "User", ["name"] = "limited" });
        var (kind, name, space) = ((string)copy["kind"]!, (string)copy["metadata"]!["name"]!, (string?)copy["metadata"]!["namespace"]);
        await world.Api.ApplyAsync($"/apis/rbac.authorization.k8s.io/v1/{(space is null ? "" : $"namespaces/{space}/")}{kind.ToLowerInvariant()}s/{name}", copy, Cancellation);
    }
}
