namespace RegistryMigration.Model.Tests.Stores;

/// <summary>Which server a store is on.</summary>
public sealed class RegistryStoreTests
{
    // A bucket's name is unique within a partition of AWS, which has many addresses.
    [Theory]
    [InlineData(null, "eu-central-1", "s3.amazonaws.com")]
    [InlineData("https://s3.amazonaws.com", null, "s3.amazonaws.com")]
    [InlineData("https://s3.eu-central-1.amazonaws.com", null, "s3.amazonaws.com")]
    [InlineData("https://s3.eu-central-1.amazonaws.com:443/", "eu-central-1", "s3.amazonaws.com")]
    [InlineData("https://s3.dualstack.us-west-2.amazonaws.com", "us-west-2", "s3.amazonaws.com")]
    [InlineData(null, "cn-north-1", "s3.amazonaws.com.cn")]
    [InlineData("https://s3.cn-north-1.amazonaws.com.cn", null, "s3.amazonaws.com.cn")]
    [InlineData(null, "us-gov-west-1", "s3.us-gov.amazonaws.com")]
    [InlineData("https://s3.us-gov-west-1.amazonaws.com", null, "s3.us-gov.amazonaws.com")]
    [InlineData("https://s3.example.com:9000", "eu-central-1", "s3.example.com:9000")]
    [InlineData("https://amazonaws.com.example.com", "eu-central-1", "amazonaws.com.example.com")]
    [InlineData(null, null, null)]
    public void All_of_AWS_is_one_server_and_others_are_their_address(string? endpoint, string? region, string? server) =>
        Assert.Equal(server, new RegistryStore("s3://images") { S3 = new S3Options { Endpoint = endpoint is null ? null : new Uri(endpoint), Region = region } }.Server);
}
