using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Quay;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Quay;

public sealed class QuayReaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_that_belongs_to_a_Quay_is_in_one_object()
    {
        using var cluster = SampleQuay.Managed();
        var quay = await QuayReader.ReadAsync(cluster, SampleQuay.Namespace, null, Token);
        Assert.Equal(("registry", SampleQuay.Namespace, "3.13.1", "https://quay.apps.test"), (quay.Name, quay.Namespace, quay.Version, quay.Endpoint));
        Assert.Equal(("config-bundle", "registry-quay-config-secret-22dbk9btcg"), (quay.ConfigBundle, quay.RenderedConfig));
        Assert.True(quay is { IsStorageManaged: true, ProxyStorage: true, State: QuayState.Normal, ConfigurationPath: null });
        Assert.Equal(["local_us"], quay.Preference);
        Assert.Equal(["local_us"], quay.DefaultLocations);
        var location = Assert.Single(quay.Locations);
        Assert.Equal(("local_us", "RHOCSStorage", "s3://quay-datastore", true), (location.Name, location.Driver, location.Store!.ToString(), location.IsPreferred));
        Assert.True(quay.Condition("Available")!.Status);
        Assert.Equal(2, quay.Deployment!.Available);
        Assert.Empty(quay.Unread);
        Assert.Empty(cluster.Changes);
    }

    [Theory]
    [InlineData("DISABLE_PUSHES: true\n", QuayState.PushesDisabled)]
    [InlineData("DISABLE_PUSHES: false\n", QuayState.Normal)]
    [InlineData("REGISTRY_STATE: readonly\nDISABLE_PUSHES: true\n", QuayState.ReadOnly)]
    public async Task The_state_is_what_the_pods_run_with(string line, QuayState state)
    {
        using var cluster = SampleQuay.Managed();
        SampleQuay.PutSecret(cluster, SampleQuay.Namespace, "registry-quay-config-secret-22dbk9btcg", SampleQuay.Rendered + line);
        Assert.Equal(state, (await QuayReader.ReadAsync(cluster, SampleQuay.Namespace, "registry", Token)).State);
    }

    [Fact]
    public async Task A_variable_of_the_pods_is_the_preference()
    {
        using var cluster = SampleQuay.Managed();
        cluster.Edit(ResourceTypes.Deployments, SampleQuay.Namespace, "registry-quay-app", deployment =>
            deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray().Add(JsonNode.Parse("""{"name":"QUAY_DISTRIBUTED_STORAGE_PREFERENCE","value":"eu local_us"}""")));
        var quay = await QuayReader.ReadAsync(cluster, SampleQuay.Namespace, null, Token);
        Assert.Equal(["eu", "local_us"], quay.Preference);
        Assert.False(Assert.Single(quay.Locations).IsPreferred);
    }

    [Fact]
    public async Task Before_the_operator_rendered_anything_the_bundle_counts()
    {
        using var cluster = SampleQuay.Managed();
        cluster.Take(ResourceTypes.Deployments, SampleQuay.Namespace, "registry-quay-app");
        cluster.Edit(QuayTypes.QuayRegistries, SampleQuay.Namespace, "registry", quay => quay["spec"]!["components"] = new JsonArray());
        SampleQuay.PutSecret(cluster, SampleQuay.Namespace, "config-bundle", SampleConfig.Local);
        var quay = await QuayReader.ReadAsync(cluster, SampleQuay.Namespace, null, Token);
        Assert.Equal((null, null, false), (quay.RenderedConfig, quay.Deployment, quay.ProxyStorage));
        Assert.Equal("LocalStorage", Assert.Single(quay.Locations).Driver);
    }

    [Fact]
    public async Task What_may_not_be_read_is_named_and_the_rest_is_there()
    {
        using var cluster = SampleQuay.Managed();
        cluster.Denied.Add("get secrets");
        var quay = await QuayReader.ReadAsync(cluster, SampleQuay.Namespace, null, Token);
        Assert.Equal(["secrets/config-bundle: not allowed", "secrets/registry-quay-config-secret-22dbk9btcg: not allowed"], quay.Unread);
        Assert.Equal(("3.13.1", 0), (quay.Version, quay.Locations.Count));
    }

    [Fact]
    public async Task A_broken_bundle_is_named_without_its_content()
    {
        using var cluster = SampleQuay.Managed();
        SampleQuay.PutSecret(cluster, SampleQuay.Namespace, "config-bundle", "A: [s3cret\n");
        var quay = await QuayReader.ReadAsync(cluster, SampleQuay.Namespace, null, Token);
        Assert.Contains("secrets/config-bundle: The configuration can't be read at line", Assert.Single(quay.Unread), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", quay.Unread[0], StringComparison.Ordinal);
        Assert.Single(quay.Locations);
    }

    [Fact]
    public async Task Sources_are_the_pieces_as_they_are_stored()
    {
        using var cluster = SampleQuay.Managed();
        var sources = await QuaySources.ReadAsync(cluster, SampleQuay.Namespace, null, Token);
        Assert.Equal((SampleQuay.Bundle, SampleQuay.Rendered), (sources.BundleConfig!.Text, sources.RenderedConfig!.Text));
        Assert.Equal(["config.yaml", "ssl.cert"], sources.Bundle!.Section("data")!.Select(file => file.Key).Order(StringComparer.Ordinal));
        Assert.Equal("cert"u8.ToArray(), Convert.FromBase64String(sources.Bundle!.Text("data", "ssl.cert")!));
        Assert.Same(sources.RenderedConfig, sources.Config);
    }

    [Fact]
    public async Task A_bundle_that_leaves_the_storage_to_the_operator_means_the_bucket_that_it_claimed()
    {
        using var cluster = SampleQuay.Managed();
        SampleQuay.AddClaim(cluster, "registry");
        foreach (var name in new[] { "registry", null })
        {
            var location = Assert.Single(await QuayReader.ReadBundleAsync(cluster, SampleQuay.Namespace, "config-bundle", name, Token));
            // As the operator says it where it owns the storage, and so as passes of before have it on record.
            var owned = Assert.Single((await QuayReader.ReadAsync(cluster, SampleQuay.Namespace, "registry", Token)).Locations);
            Assert.Equal(("local_us", "RHOCSStorage", "s3://quay-datastore", "s3.openshift-storage.svc.cluster.local"), (location.Name, location.Driver, location.Store!.ToString(), location.Store.Server));
            Assert.Equal((owned.Name, owned.Driver, owned.Store!.ToString(), owned.Store.Root, owned.StoragePath), (location.Name, location.Driver, location.Store.ToString(), location.Store.Root, location.StoragePath));
            Assert.Equal(("key", "s3cret", LayoutKind.Quay), (location.Store.S3.AccessKey, location.Store.S3.SecretKey!.Reveal(), location.Store.Layout));
            Assert.DoesNotContain("s3cret", string.Join(' ', location.Settings.Values), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_bundle_that_names_its_storage_means_that_one()
    {
        using var cluster = SampleQuay.Managed();
        SampleQuay.AddClaim(cluster, "registry");
        SampleQuay.PutSecret(cluster, SampleQuay.Namespace, "other-bundle", SampleConfig.Local);
        Assert.Equal("LocalStorage", Assert.Single(await QuayReader.ReadBundleAsync(cluster, SampleQuay.Namespace, "other-bundle", "registry", Token)).Driver);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_claim_that_is_gone_is_told_with_what_to_type(bool map, bool secret)
    {
        using var cluster = SampleQuay.Managed();
        SampleQuay.AddClaim(cluster, "registry");
        if (map)
            cluster.Take(ResourceTypes.ConfigMaps, SampleQuay.Namespace, "registry-quay-datastore");
        if (secret)
            cluster.Take(ResourceTypes.Secrets, SampleQuay.Namespace, "registry-quay-datastore");
        var error = await Assert.ThrowsAsync<ClusterException>(() => QuayReader.ReadBundleAsync(cluster, SampleQuay.Namespace, "config-bundle", null, Token));
        Assert.Equal(ClusterErrorKind.NotFound, error.Kind);
        Assert.Contains("registry-quay-datastore", error.Message, StringComparison.Ordinal);
        Assert.Contains("New-RegistryStore s3://<bucket> -Endpoint", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_need_a_name_and_none_is_an_error_that_says_where_to_look()
    {
        using var cluster = SampleQuay.Managed("a");
        SampleQuay.Add(cluster, "b");
        SampleQuay.Add(cluster, "c", "elsewhere");
        var several = await Assert.ThrowsAsync<ClusterException>(() => QuayReader.ReadAsync(cluster, SampleQuay.Namespace, null, Token));
        Assert.Contains("several QuayRegistries: a, b. Name one with -Name.", several.Message, StringComparison.Ordinal);
        var other = await Assert.ThrowsAsync<ClusterException>(() => QuayReader.ReadAsync(cluster, SampleQuay.Namespace, "x", Token));
        Assert.Equal(ClusterErrorKind.NotFound, other.Kind);
        Assert.Contains("It has: a, b.", other.Message, StringComparison.Ordinal);
        var none = await Assert.ThrowsAsync<ClusterException>(() => QuayReader.ReadAsync(cluster, "empty", null, Token));
        Assert.Equal(ClusterErrorKind.NotFound, none.Kind);
        Assert.Contains("Get-QuayRegistry", none.Message, StringComparison.Ordinal);
        var names = new List<string>();
        await foreach (var quay in QuayReader.ListAsync(cluster, null, Token))
            names.Add(quay.ToString());
        Assert.Equal(["elsewhere/c", "quay-enterprise/a", "quay-enterprise/b"], names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_cluster_without_the_operator_says_so()
    {
        using var cluster = new FakeKubernetes();
        cluster.NotServed.Add(QuayTypes.QuayRegistries);
        foreach (var name in new[] { null, "registry" })
        {
            var error = await Assert.ThrowsAsync<ClusterException>(() => QuayReader.ReadAsync(cluster, SampleQuay.Namespace, name, Token));
            Assert.Equal(ClusterErrorKind.NotServed, error.Kind);
            Assert.Contains("operator is not installed", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_file_is_a_standalone_Quay()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "config.yaml");
        await File.WriteAllTextAsync(file, SampleConfig.Local, Token);
        foreach (var path in new[] { file, folder.Path })
        {
            var quay = await QuayReader.ReadFileAsync(path, Token);
            Assert.Equal(("quay.example.com:8443", file, "http://quay.example.com:8443"), (quay.Name, quay.ConfigurationPath, quay.Endpoint));
            Assert.Equal("/datastorage/registry", Assert.Single(quay.Locations).Store!.ToString());
            Assert.Equal(file, quay.ToString());
        }

        Assert.Contains("directory that has one", (await Assert.ThrowsAsync<FileNotFoundException>(() => QuayReader.ReadFileAsync(Path.Combine(folder.Path, "none"), Token))).Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, "- s3cret", Token);
        Assert.StartsWith(file, (await Assert.ThrowsAsync<FormatException>(() => QuayReader.ReadFileAsync(file, Token))).Message, StringComparison.Ordinal);
    }
}
