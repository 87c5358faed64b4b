using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Quay.Drivers;

namespace RegistryMigration.Clusters.Tests.Quay.Drivers;

public sealed class StorageDriverTests
{
    private const string Rados = """{"hostname":"h","is_secure":true,"storage_path":"/p","access_key":"a","secret_key":"s3cret","bucket_name":"b"}""";

    [Fact]
    public void All_thirteen_drivers_are_known() =>
        Assert.Equal(
            ["AkamaiS3Storage", "AzureStorage", "CloudFlareStorage", "CloudFrontedS3Storage", "GoogleCloudStorage", "IBMCloudStorage", "LocalStorage", "MultiCDNStorage", "RHOCSStorage", "RadosGWStorage", "S3Storage", "STSS3Storage", "SwiftStorage"],
            StorageDriver.All.Select(driver => driver.Name).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("{}", null)]
    [InlineData("""{"port":"443"}""", null)]
    [InlineData("""{"port":443,"server_side_assembly":false}""", null)]
    [InlineData("""{"is_secure":"true"}""", null)]
    [InlineData("""{"is_secure":"false"}""", "takes any text as true")]
    [InlineData("""{"secretkey":"x"}""", "takes no 'secretkey', and Quay would not start. Did you mean 'secret_key'?")]
    [InlineData("""{"something_else":"x"}""", "Known are access_key, bucket_name,")]
    [InlineData("""{"bucket_name":null}""", "needs 'bucket_name', which has no value")]
    [InlineData("""{"access_key":123}""", "put it in quotes")]
    [InlineData("""{"port":"https"}""", "is no number")]
    [InlineData("""{"hostname":["h"]}""", "is no text")]
    public void Settings_are_checked_as_the_class_takes_them(string changes, string? problem)
    {
        var settings = JsonNode.Parse(Rados)!.AsObject();
        foreach (var (key, value) in JsonNode.Parse(changes)!.AsObject())
            settings[key] = value?.DeepClone();
        var problems = StorageDriver.Find("RHOCSStorage")!.Validate(settings);
        if (problem is null)
            Assert.Empty(problems);
        else
            Assert.Contains(problem, Assert.Single(problems), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", string.Concat(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_that_is_missing_is_told_at_once() => Assert.Equal(6, StorageDriver.Find("RadosGWStorage")!.Validate([]).Count);

    [Fact]
    public void Names_are_taken_letter_by_letter()
    {
        Assert.Null(StorageDriver.Find("s3storage"));
        Assert.Contains("FakeStorage", StorageDriver.Unknown("s3storage"), StringComparison.Ordinal);
        Assert.Contains("Did you mean 'S3Storage'?", StorageDriver.Unknown("s3storage"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RHOCSStorage", Rados, """{"hostname":"h","is_secure":true,"storage_path":"/p","access_key":"a","secret_key":"***","bucket_name":"b"}""")]
    // A key that nobody knows may be a misspelt secret.
    [InlineData("S3Storage", """{"s3_bucket":"b","s3secret":"s3cret","s3_secret_key":null}""", """{"s3_bucket":"b","s3secret":"***","s3_secret_key":null}""")]
    [InlineData("SwiftStorage", """{"swift_password":"s3cret","os_options":{"tenant_name":"t","auth_token":"s3cret"}}""", """{"swift_password":"***","os_options":{"tenant_name":"t","auth_token":"***"}}""")]
    [InlineData("MultiCDNStorage", """{"storage_config":{"s3_secret_key":"s3cret"},"providers":{"A":["AkamaiS3Storage",{"akamai_shared_secret":"s3cret","akamai_domain":"d"}]}}""", """{"storage_config":{"s3_secret_key":"***"},"providers":{"A":["AkamaiS3Storage",{"akamai_shared_secret":"***","akamai_domain":"d"}]}}""")]
    public void Secrets_are_masked_wherever_they_stand(string driver, string settings, string masked) =>
        Assert.Equal(masked, StorageDriver.Find(driver)!.Mask(JsonNode.Parse(settings)!.AsObject()).ToJsonString());
}
