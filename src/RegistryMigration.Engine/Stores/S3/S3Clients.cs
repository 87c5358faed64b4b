using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.S3;
using RegistryMigration.Engine.Stores.S3.Requests;
using RegistryMigration.Engine.Stores.S3.Roles;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>Sets the SDK's client up: endpoint, region, credentials; its retries, logs and checksums of its own switched off.</summary>
internal static class S3Clients
{
    public const string DefaultRegion = "us-east-1";

    /// <exception cref="StoreException">Keys are given by half, the profile does not exist, the role is none, or neither endpoint nor region is known.</exception>
    public static S3Access Create(S3Options options, S3HttpClients http, string store, StoreContext context)
    {
        if (options.AccessKey is null != options.SecretKey is null)
            throw new StoreException(StoreErrorKind.Unauthenticated, $"Only one of access key and secret key was given for {store}. Give both, or neither to have them resolved.") { Store = store };
        if (options.RoleArn?.StartsWith("arn:", StringComparison.Ordinal) == false)
            throw new StoreException(StoreErrorKind.Other, $"'{options.RoleArn}' is no role to reach {store} with. Give its ARN, as in arn:aws:iam::123456789012:role/registry.") { Store = store };
        var profile = options.Profile is { } name ? FindProfile(name, store) : null;
        var config = new AmazonS3Config
        {
            ForcePathStyle = options.PathStyle ?? options.Endpoint is not null,
            // A trailing checksum means aws-chunked, which Ceph answers with 400 and Swift with 501. The payload's sha256 is signed instead.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        var region = options.Region ?? profile?.Region?.SystemName;
        SetUp(config, http, options.Endpoint, region);
        try
        {
            var user = Credentials(options, profile);
            var credentials = options.RoleArn is null ? user : new RoleCredentials(RoleSessions.Create(options, user, region, http, store, context), context.Time);
            return new S3Access(credentials is null ? new AmazonS3Client(config) : new AmazonS3Client(credentials, config), credentials);
        }
        catch (AmazonClientException e)
        {
            throw new StoreException(StoreErrorKind.Other, $"{store} can't be reached: {e.Message} Give an endpoint or a region.", e) { Store = store };
        }
    }

    /// <summary>Whether an endpoint is one of AWS itself; none is.</summary>
    public static bool IsAws(Uri? endpoint) =>
        endpoint is null || endpoint.Host.EndsWith(".amazonaws.com", StringComparison.OrdinalIgnoreCase) || endpoint.Host.EndsWith(".amazonaws.com.cn", StringComparison.OrdinalIgnoreCase);

    /// <summary>Who we are, as far as it decides whether two stores are reached with the same rights.</summary>
    public static string IdentityOf(S3Options options) => $"{UserOf(options)} {options.RoleArn}";

    /// <summary>Whose credentials they are, for messages.</summary>
    public static string UserOf(S3Options options) => options switch
    {
        { AccessKey: { } key } => $"the access key {key}",
        { Profile: { } profile } => $"the profile '{profile}'",
        _ => "the AWS credentials of this machine",
    };

    /// <summary>What every client of the SDK has in common.</summary>
    public static void SetUp(ClientConfig config, S3HttpClients http, Uri? endpoint, string? region)
    {
        config.HttpClientFactory = http;
        config.MaxErrorRetry = 0;
        config.MaxStaleConnectionRetries = 0;
        config.DisableLogging = true;
        config.LogResponse = false;
        // A wrong clock is reported with its error and not corrected behind everybody's back: TLS and tokens depend on it as well.
        config.DisableClockSkewCorrection = true;
        config.Timeout = Timeout.InfiniteTimeSpan;
        if (endpoint is not null)
        {
            config.ServiceURL = endpoint.AbsoluteUri;
            config.AuthenticationRegion = region ?? DefaultRegion;
        }
        else if (region is not null)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }
    }

    private static CredentialProfile FindProfile(string name, string store) =>
        new CredentialProfileStoreChain().TryGetProfile(name, out var profile)
            ? profile
            : throw new StoreException(StoreErrorKind.Unauthenticated, $"There is no profile '{name}' in the shared AWS config and credentials files. Check -Profile and AWS_CONFIG_FILE for {store}.") { Store = store };

    // Null leaves it to the SDK's own chain: environment, web identity, shared config, container, instance role.
    private static AWSCredentials? Credentials(S3Options options, CredentialProfile? profile)
    {
        if (options is { AccessKey: { } key, SecretKey: { } secret })
            return options.SessionToken is { } token ? new SessionAWSCredentials(key, secret.Reveal(), token.Reveal()) : new BasicAWSCredentials(key, secret.Reveal());
        return profile?.GetAWSCredentials(new CredentialProfileStoreChain());
    }
}
