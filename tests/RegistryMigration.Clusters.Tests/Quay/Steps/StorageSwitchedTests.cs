using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Quay.Drivers;
using RegistryMigration.Clusters.Quay.Steps;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Quay.Steps;

/// <summary>Whether a Quay uses a storage already: what it was told is read back in its drivers' own words.</summary>
public sealed class StorageSwitchedTests
{
    private static RegistryStore Store(string address, string? endpoint, string? region) => new(address)
    {
        S3 = new S3Options { Endpoint = endpoint is null ? null : new Uri(endpoint), Region = region, AccessKey = "key", SecretKey = new Secret("hush") },
    };

    [Theory]
    [InlineData("S3Storage", null, "eu-central-1")]
    [InlineData("S3Storage", "https://s3.eu-central-1.amazonaws.com", null)]
    [InlineData("S3Storage", "https://s3.eu-central-1.amazonaws.com", "eu-central-1")]
    [InlineData("RadosGWStorage", null, "eu-central-1")]
    [InlineData("RadosGWStorage", "https://s3.example.com:9000", "here")]
    [InlineData("RHOCSStorage", null, "us-east-1")]
    public void What_a_switch_wrote_is_where_it_switched_to(string driver, string? endpoint, string? region)
    {
        foreach (var address in new[] { "s3://images", "s3://images/quay" })
        {
            var (target, path) = (Store(address, endpoint, region), "/" + StoreAddress.Parse(address).Prefix + "datastorage/registry");
            var entry = DriverStores.Write(driver, target.At(LayoutKind.Quay, "datastorage/registry"), new DriverCredentials("key", new Secret("hush")), path, []);
            var location = DriverStores.Read("default", entry, preferred: true);
            Assert.Null(location.Problem);
            Assert.True(SwitchStorageStep.IsAt(location, target));
            var quay = new QuayRegistry { Name = "quay", Locations = [location] };
            var step = new MigrationStep { Id = "SwitchBackend", Action = "SwitchBackend", Target = $"{target}", State = MigrationStepState.Done, Started = default, By = "tester", Before = new JsonObject { ["server"] = target.Server } };
            Assert.True(SwitchStorageStep.IsInUse(quay, step));
            // Another bucket, another server, and another place in the bucket are not.
            Assert.False(SwitchStorageStep.IsAt(location, Store("s3://others", endpoint, region)));
            Assert.False(SwitchStorageStep.IsAt(location, Store("s3://images", "https://elsewhere.example.com", region)));
            Assert.False(SwitchStorageStep.IsAt(location, Store("s3://images/elsewhere", endpoint, region)));
            Assert.False(SwitchStorageStep.IsInUse(quay, step with { Before = new JsonObject { ["server"] = "elsewhere.example.com" } }));
        }
    }

    // As older configurations have it.
    [Theory]
    [InlineData("""["S3Storage",{"storage_path":"/datastorage/registry","s3_bucket":"images","s3_access_key":"key","s3_secret_key":"hush","host":"s3.amazonaws.com"}]""")]
    [InlineData("""["S3Storage",{"storage_path":"/datastorage/registry","s3_bucket":"images","s3_access_key":"key","s3_secret_key":"hush"}]""")]
    [InlineData("""["S3Storage",{"storage_path":"/datastorage/registry","s3_bucket":"images","s3_access_key":"key","s3_secret_key":"hush","host":"s3.eu-central-1.amazonaws.com","port":"443"}]""")]
    public void A_bucket_of_AWS_is_the_same_however_its_server_is_named(string entry) =>
        Assert.True(SwitchStorageStep.IsAt(DriverStores.Read("default", JsonNode.Parse(entry), preferred: true), Store("s3://images", null, "eu-central-1")));
}
