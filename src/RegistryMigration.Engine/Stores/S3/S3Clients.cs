using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.S3;
using RegistryMigration.Engine.Stores.S3.Requests;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>Sets the SDK's client up: endpoint, region, credentials; its retries, logs and checksums of its own switched off.</summary>
internal static class S3Clients
{
    public const string DefaultRegion = "us-east-1";

    /// <exception cref="StoreException">Keys are given by half, the profile does not exist, or neither endpoint nor region is known.</exception>
    public static S3Access Create(S3Options options, S3HttpClients http, string store)
    {
        if (options.AccessKey is null != options.SecretKey is null)
            throw new StoreException(StoreErrorKind.Unauthenticated, $"Only one of access key and secret key was given for {store}. Give both, or neither to have them resolved.") { Store = store };
        var profile = options.Profile is { } name ? FindProfile(name, store) : null;
        var config = new AmazonS3Config
        {
            HttpClientFactory = http,
            ForcePathStyle = options.PathStyle ?? options.Endpoint is not null,
            MaxErrorRetry = 0,
            MaxStaleConnectionRetries = 0,
            DisableLogging = true,
            LogResponse = false,
            // A wrong clock is reported with its error and not corrected behind everybody's back: TLS and tokens depend on it as well.
            DisableClockSkewCorrection = true,
            Timeout = Timeout.InfiniteTimeSpan,
            // A trailing checksum means aws-chunked, which Ceph answers with 400 and Swift with 501. The payload's sha256 is signed instead.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        var region = options.Region ?? profile?.Region?.SystemName;
        if (options.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.AbsoluteUri;
            config.AuthenticationRegion = region ?? DefaultRegion;
        }
        else if (region is not null)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        try
        {
            var credentials = Credentials(options, profile);
            return new S3Access(credentials is null ? new AmazonS3Client(config) : new AmazonS3Client(credentials, config), credentials);
        }
        catch (AmazonClientException e)
        {
            throw new StoreException(StoreErrorKind.Other, $"{store} can't be reached: {e.Message} Give an endpoint or a region.", e) { Store = store };
        }
    }

    /// <summary>Who we are, as far as it decides whether two stores are reached with the same rights.</summary>
    public static string IdentityOf(S3Options options) => options switch
    {
        { AccessKey: { } key } => "key:" + key,
        { Profile: { } profile } => "profile:" + profile,
        _ => "resolved",
    };

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
