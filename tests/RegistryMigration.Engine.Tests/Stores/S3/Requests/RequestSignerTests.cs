using Amazon.Runtime;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores.S3.Requests;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Stores.S3.Requests;

/// <summary>The examples of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, whose keys are Amazon's own samples.</summary>
public sealed class RequestSignerTests
{
    private const string Bucket = "https://examplebucket.s3.amazonaws.com";

    private static readonly DateTimeOffset Then = new(2013, 5, 24, 0, 0, 0, TimeSpan.Zero);
    private static readonly ImmutableCredentials Sample = new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", token: null);

    [Theory]
    [InlineData("/?lifecycle=", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")]
    [InlineData("/?max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")]
    public void Signs_as_the_documentation_does(string path, string signature)
    {
        using var request = Signed(path, Sample, Then);
        Assert.Equal(
            $"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={signature}",
            Header(request, "Authorization"));
    }

    [Fact]
    public void The_key_of_a_day_is_not_used_for_another_day_or_secret()
    {
        var signer = new RequestSigner("us-east-1", "s3");
        var other = new ImmutableCredentials(Sample.AccessKey, "another", token: null);
        foreach (var (who, when) in new[] { (Sample, Then), (Sample, Then.AddDays(1)), (other, Then.AddDays(1)), (Sample, Then) })
        {
            using var again = Signed("/key", who, when, signer);
            using var fresh = Signed("/key", who, when);
            Assert.Equal(Header(fresh, "Authorization"), Header(again, "Authorization"));
        }
    }

    [Fact]
    public void A_session_token_and_a_checksum_are_signed()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, Bucket + "/key");
        request.Headers.TryAddWithoutValidation("x-amz-checksum-sha256", "abc=");
        request.Headers.TryAddWithoutValidation("If-None-Match", "*");
        new RequestSigner("eu-west-1", "s3").Sign(request, Digest.EmptySha256.Hex, new ImmutableCredentials("key", "secret", "token"), Then);
        Assert.Contains("SignedHeaders=host;x-amz-checksum-sha256;x-amz-content-sha256;x-amz-date;x-amz-security-token,", Header(request, "Authorization"), StringComparison.Ordinal);
        Assert.Equal("token", Header(request, "x-amz-security-token"));
    }

    [Fact]
    public void Nobody_signs_nothing()
    {
        using var request = Signed("/key", credentials: null, Then);
        Assert.False(request.Headers.NonValidated.Contains("Authorization"));
    }

    [Theory]
    [InlineData("a b+c/ü~(1)", "a%20b%2Bc/%C3%BC~%281%29")]
    [InlineData("../a//b", "../a//b")]
    public void Keys_are_escaped_once_and_keep_their_slashes(string key, string path) => Assert.Equal(path, ObjectPath.Escape(key));

    private static HttpRequestMessage Signed(string path, ImmutableCredentials? credentials, DateTimeOffset when, RequestSigner? signer = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, Bucket + path);
        (signer ?? new RequestSigner("us-east-1", "s3")).Sign(request, Digest.EmptySha256.Hex, credentials, when);
        return request;
    }

    private static string Header(HttpRequestMessage request, string name) => request.Headers.NonValidated[name].ToString();
}
