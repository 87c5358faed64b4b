using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;

namespace RegistryMigration.Lab.Cluster;

/// <summary>The credentials of a role as STSS3Storage has them (storage/cloud.py): taken on with the user's keys, and renewed as botocore does.</summary>
/// <param name="role">The role; null has none, and the pod's identity would be used.</param>
/// <param name="access">The user's access key; null or empty for the pod's identity.</param>
/// <param name="secret">The user's secret key.</param>
/// <param name="endpoint">STS; null is AWS, which is not here.</param>
/// <param name="http">Sends.</param>
internal sealed class RoleKeys(string? role, string? access, string? secret, string? endpoint, HttpClientFactory http) : RefreshingAWSCredentials
{
    /// <inheritdoc />
    protected override async Task<CredentialsRefreshState> GenerateNewCredentialsAsync()
    {
        if (role is null || access is null || secret is null)
            throw new AmazonClientException("NoCredentialsError: Unable to locate credentials");
        if (endpoint is null)
            throw new AmazonClientException("EndpointConnectionError: Could not connect to the endpoint URL: \"https://sts.amazonaws.com/\"");
        using var sts = new AmazonSecurityTokenServiceClient(access, secret, new AmazonSecurityTokenServiceConfig { ServiceURL = endpoint, AuthenticationRegion = "us-east-1", MaxErrorRetry = 0, HttpClientFactory = http });
        var given = (await sts.AssumeRoleAsync(new AssumeRoleRequest { RoleArn = role, RoleSessionName = "quay" })).Credentials;
        return new CredentialsRefreshState(new ImmutableCredentials(given.AccessKeyId, given.SecretAccessKey, given.SessionToken), given.Expiration!.Value);
    }
}
