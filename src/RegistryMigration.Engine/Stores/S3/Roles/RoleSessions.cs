using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using RegistryMigration.Engine.Http;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.S3.Roles;

/// <summary>Takes a role on: one request of STS for each session.</summary>
/// <remarks>https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html.</remarks>
/// <param name="client">STS, as the user that takes the role on.</param>
/// <param name="user">That user for messages.</param>
/// <param name="role">The role's ARN.</param>
/// <param name="store">The store for messages.</param>
/// <param name="context">Clock and stall time-out.</param>
internal sealed class RoleSessions(IAmazonSecurityTokenService client, string user, string role, string store, StoreContext context) : IDisposable
{
    // How servers' logs name what is done in this session.
    private const string SessionName = "registry-migration";

    private const string NoService = "Check that this endpoint serves STS, or leave the role out and give keys that need none.";

    // What servers give where nothing is asked for. Theirs is the clock of an answer, and by ours, where it is behind, a session would seem to last longer.
    private static readonly TimeSpan Usual = TimeSpan.FromHours(1);

    /// <summary>Where STS is.</summary>
    public string Server { get; } = new Uri(client.DetermineServiceOperationEndpoint(new AssumeRoleRequest()).URL).GetLeftPart(UriPartial.Authority);

    /// <summary>The sessions of a store's role. AWS has STS at an address of its own in each region; Ceph, MinIO and their like serve it where they serve S3.</summary>
    /// <param name="options">Endpoint, user and role.</param>
    /// <param name="user">The user's credentials; null leaves them to the SDK's own chain.</param>
    /// <param name="region">The region, where it is known.</param>
    /// <param name="http">Sends, over the store's own connections.</param>
    /// <param name="store">The store for messages.</param>
    /// <param name="context">Clock and stall time-out.</param>
    /// <exception cref="AmazonClientException">No region is known.</exception>
    public static RoleSessions Create(S3Options options, AWSCredentials? user, string? region, S3HttpClients http, string store, StoreContext context)
    {
        var config = new AmazonSecurityTokenServiceConfig();
        S3Clients.SetUp(config, http, S3Clients.IsAws(options.Endpoint) ? null : options.Endpoint, region ?? (options.Endpoint is null ? null : S3Clients.DefaultRegion));
        var client = user is null ? new AmazonSecurityTokenServiceClient(config) : new AmazonSecurityTokenServiceClient(user, config);
        return new RoleSessions(client, S3Clients.UserOf(options), options.RoleArn!, store, context);
    }

    /// <summary>A new session.</summary>
    /// <exception cref="StoreException">The server refuses, or can't be reached.</exception>
    public async Task<RoleSession> BeginAsync(CancellationToken cancellationToken)
    {
        using var watch = new StallWatch(context.StallTimeout, context.Time);
        try
        {
            var begun = context.Time.GetUtcNow();
            var answer = await client.AssumeRoleAsync(new AssumeRoleRequest { RoleArn = role, RoleSessionName = SessionName }, watch.Start(cancellationToken));
            if (answer.Credentials is not { AccessKeyId.Length: > 0, SecretAccessKey.Length: > 0, SessionToken.Length: > 0, Expiration: { } expires } given)
                throw Failed(StoreErrorKind.Unauthenticated, $"{Server} answers to AssumeRole without credentials. {NoService}", null);
            var end = new DateTimeOffset(expires.ToUniversalTime(), TimeSpan.Zero);
            return new RoleSession(new ImmutableCredentials(given.AccessKeyId, given.SecretAccessKey, given.SessionToken), end < begun + Usual ? end : begun + Usual);
        }
        catch (Exception e) when (e is not StoreException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw watch.HasStalled ? HttpFailures.Stalled(Server, watch.Limit, e) : Failed(e);
        }
    }

    /// <inheritdoc />
    public void Dispose() => client.Dispose();

    private StoreException Failed(Exception exception)
    {
        if (exception is AmazonServiceException { StatusCode: > 0 } answer)
        {
            var refusal = S3Errors.Refusal(answer);
            var kind = S3Errors.KindOf(refusal);
            // Without the role we are nobody at the store: what does not pass ends a run, and is nothing that the store itself refuses.
            var (told, next) = kind switch
            {
                StoreErrorKind.CredentialsExpired => (kind, "The user's own credentials have expired: give new ones, or a profile that can be renewed."),
                StoreErrorKind.ClockSkew => (kind, "Set this machine's clock by NTP."),
                StoreErrorKind.Transient or StoreErrorKind.Throttled => (kind, "Try again later."),
                StoreErrorKind.Unauthenticated => (kind, "Check the user's access key and secret key, and the region."),
                StoreErrorKind.Unsupported or StoreErrorKind.ReadOnly => (StoreErrorKind.Unauthenticated, NoService),
                _ => (StoreErrorKind.Unauthenticated, "Check the role's ARN and the user's secret key. The role's trust policy has to name this user as Principal with the action sts:AssumeRole, and AWS wants that action granted to the user, too."),
            };
            return Failed(told, $"{Server} does not let {user} take on the role {role}: {S3Errors.Said(refusal)} {next}", exception);
        }

        return S3Errors.Broken(exception, Server) is { } broken
            ? Failed(broken.Kind, $"The role {role} can't be taken on. {broken.Message}", exception)
            : Failed(StoreErrorKind.Unauthenticated, $"No usable credentials to take on the role {role} for {store}: {exception.Message} Give the user's access key and secret key, or a profile.", exception);
    }

    private StoreException Failed(StoreErrorKind kind, string message, Exception? cause) => new(kind, message, cause) { Store = store };
}
