using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using Amazon.Runtime.Endpoints;
using Amazon.S3;
using Amazon.S3.Model;
using RegistryMigration.Engine.Stores.S3.Roles;

namespace RegistryMigration.Engine.Stores.S3.Requests;

/// <summary>What the SDK is asked for on behalf of our own requests: where a bucket is, for which region to sign, and who we are.</summary>
/// <param name="client">The SDK's client with its configuration.</param>
/// <param name="credentials">Credentials that were given; null leaves it to the SDK's own chain.</param>
internal sealed class S3Access(AmazonS3Client client, AWSCredentials? credentials) : IDisposable
{
    private readonly DefaultAWSCredentialsIdentityResolver _chain = new();

    /// <summary>The SDK's client, for everything that is not asked thousands of times.</summary>
    public AmazonS3Client Client => client;

    /// <summary>The address of a bucket without a slash at its end, and what signs requests to it.</summary>
    /// <exception cref="AmazonClientException">The SDK's rules know no address for it.</exception>
    public (Uri Address, RequestSigner Signer) Locate(string bucket)
    {
        var endpoint = client.DetermineServiceOperationEndpoint(new GetObjectRequest { BucketName = bucket, Key = "key" });
        var scheme = (endpoint.Attributes?["authSchemes"] as List<object>)?.OfType<PropertyBag>().FirstOrDefault(candidate => candidate["name"] as string == "sigv4");
        var region = scheme?["signingRegion"] as string ?? client.Config.AuthenticationRegion ?? client.Config.RegionEndpoint?.SystemName ?? S3Clients.DefaultRegion;
        return (new Uri(endpoint.URL.TrimEnd('/')), new RequestSigner(region, scheme?["signingName"] as string ?? "s3"));
    }

    /// <summary>The credentials of this moment, renewed before they expire: by the SDK, or those of a role by ourselves.</summary>
    /// <exception cref="AmazonClientException">There are none, or they can't be renewed.</exception>
    /// <exception cref="Model.StoreException">The role can't be taken on.</exception>
    public async ValueTask<ImmutableCredentials?> CredentialsAsync(CancellationToken cancellationToken)
    {
        if (credentials is RoleCredentials role)
            return await role.RenewAsync(cancellationToken);
        var source = credentials ?? (AWSCredentials)await _chain.ResolveIdentityAsync(client.Config, cancellationToken);
        return await source.GetCredentialsAsync().WaitAsync(cancellationToken);
    }

    /// <summary>Does not use credentials again that a server calls expired, where we can get others.</summary>
    public void Forget(ImmutableCredentials? expired)
    {
        if (credentials is RoleCredentials role && expired is not null)
            role.Forget(expired);
    }

    public void Dispose()
    {
        client.Dispose();
        (credentials as RoleCredentials)?.Dispose();
    }
}
