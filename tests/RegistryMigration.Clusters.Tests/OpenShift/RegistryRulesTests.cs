using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes.Changes;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.OpenShift.Changes;
using RegistryMigration.Clusters.Tests.OpenShift.Support;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.OpenShift;

public sealed class RegistryRulesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"managementState":"Managed","swift":{"container":"images"}}""", "the Swift container images with all images")]
    [InlineData("""{"swift":{"container":"images"}}""", "the Swift container images with all images")]
    [InlineData("""{"managementState":"Managed","s3":{"bucket":"images"}}""", "the S3 bucket images with all images")]
    [InlineData("""{"managementState":"Managed","pvc":{"claim":""}}""", "the claim image-registry-storage with all images")]
    [InlineData("""{"managementState":"Unmanaged","emptyDir":{}}""", "the pods' own directories with all images")]
    public async Task Removing_a_registry_that_takes_its_images_along_is_never_allowed(string storage, string deleted)
    {
        using var cluster = SampleRegistry.On(storage);

        var error = await RefusedAsync(cluster, RegistryChange.OfRegistry(new RegistryRules { AllowRemoval = true }).Set("Removed", "managementState"));

        Assert.Contains(deleted, error.Message, StringComparison.Ordinal);
        Assert.Contains("-Replicas 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Removing_a_registry_whose_images_stay_needs_force()
    {
        using var cluster = SampleRegistry.OnVolume();

        var error = await RefusedAsync(cluster, RegistryChange.OfRegistry().Set("Removed", "managementState"));
        var outcome = await RegistryChange.OfRegistry(new RegistryRules { AllowRemoval = true }).Set("Removed", "managementState").ApplyAsync(cluster, TimeProvider.System, Token);

        Assert.Contains("-Force", error.Message, StringComparison.Ordinal);
        Assert.True(outcome.Applied);
    }

    [Fact]
    public async Task A_removed_registry_can_be_changed_and_brought_back()
    {
        using var cluster = SampleRegistry.OnVolume();
        cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!["managementState"] = "Removed");

        Assert.True((await RegistryChange.OfRegistry().Set("Debug", "logLevel").ApplyAsync(cluster, TimeProvider.System, Token)).Applied);
        Assert.True((await RegistryChange.OfRegistry().Set("Managed", "managementState").ApplyAsync(cluster, TimeProvider.System, Token)).Applied);
    }

    // Its images stay only as long as its storage is Unmanaged.
    [Fact]
    public async Task A_removed_registry_does_not_hand_its_storage_to_the_operator()
    {
        using var cluster = SampleRegistry.OnVolume();
        cluster.Edit(OpenShiftTypes.Configs, null, "cluster", config => config["spec"]!["managementState"] = "Removed");

        var handed = await RefusedAsync(cluster, RegistryChange.OfRegistry(new RegistryRules { AllowRemoval = true }).Set("Managed", "storage", "managementState"));
        var absent = await RefusedAsync(cluster, RegistryChange.OfRegistry().Set(null, "storage", "managementState"));

        Assert.Contains("with all images", handed.Message, StringComparison.Ordinal);
        Assert.Contains("with all images", absent.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_storage_types_are_refused_and_replacing_the_whole_is_not()
    {
        using var cluster = SampleRegistry.OnVolume();

        var error = await RefusedAsync(cluster, RegistryChange.OfRegistry().Set(JsonNode.Parse("""{"container":"c"}"""), "storage", "swift"));
        var outcome = await RegistryChange.OfRegistry().Set(JsonNode.Parse("""{"swift":{"container":"c"}}"""), "storage").TryAsync(cluster, Token);

        Assert.Contains("exactly one", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(outcome.Changes);
    }

    [Theory]
    [InlineData("ReadWriteOnce")]
    [InlineData("ReadWriteOncePod")]
    public async Task A_volume_of_one_node_takes_one_replica_and_Recreate(string mode)
    {
        using var cluster = SampleRegistry.OnVolume(mode);

        var replicas = await RefusedAsync(cluster, RegistryChange.OfRegistry().Set(2, "replicas"));
        var strategy = await RefusedAsync(cluster, RegistryChange.OfRegistry().Set("RollingUpdate", "rolloutStrategy"));
        var unset = await RefusedAsync(cluster, RegistryChange.OfRegistry().Set(null, "rolloutStrategy"));

        Assert.Contains($"{mode}: one node at a time can mount it, so 2 replicas", replicas.Message, StringComparison.Ordinal);
        Assert.Contains("-RolloutStrategy Recreate", strategy.Message, StringComparison.Ordinal);
        Assert.Contains("-RolloutStrategy Recreate", unset.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_volume_of_many_nodes_takes_both()
    {
        using var cluster = SampleRegistry.OnVolume("ReadWriteMany");

        var outcome = await RegistryChange.OfRegistry().Set(2, "replicas").Set("RollingUpdate", "rolloutStrategy").ApplyAsync(cluster, TimeProvider.System, Token);

        Assert.Equal(2, outcome.Changes.Count);
    }

    private static async Task<ClusterException> RefusedAsync(FakeKubernetes cluster, ConfigChange change)
    {
        var error = await Assert.ThrowsAsync<ClusterException>(() => change.ApplyAsync(cluster, TimeProvider.System, Token));
        Assert.Equal(ClusterErrorKind.Precondition, error.Kind);
        Assert.Contains("Nothing was changed", error.Message, StringComparison.Ordinal);
        Assert.Empty(cluster.Changes);
        return error;
    }
}
