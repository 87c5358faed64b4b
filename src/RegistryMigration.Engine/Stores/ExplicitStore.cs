using Amazon.Runtime;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores.S3;
using RegistryMigration.Engine.Stores.Swift.Configuration;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores;

/// <summary>Describes a store without this machine's files and variables, so that another machine reaches it as the same user.</summary>
public static class ExplicitStore
{
    /// <summary>The store with everything that clouds.yaml, <c>OS_…</c> variables, AWS profiles and the AWS SDK's chain say about it. A directory is as it was.</summary>
    /// <exception cref="StoreException">There are no credentials here, or they can't be told to another machine.</exception>
    public static async Task<RegistryStore> OfAsync(RegistryStore store, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.Address.Kind switch
        {
            StoreKind.S3 => await OfS3Async(store, cancellationToken),
            StoreKind.Swift => OfSwift(store),
            _ => store,
        };
    }

    private static async Task<RegistryStore> OfS3Async(RegistryStore store, CancellationToken cancellationToken)
    {
        var s3 = store.S3;
        var traffic = new StoreTraffic("s3");
        using var http = new S3HttpClients(HttpHandlers.Create(store.Tls), traffic);
        // The user's own credentials: a role's would expire, and the other machine takes it on by itself.
        using var access = S3Clients.Create(s3 with { RoleArn = null }, http, store.ToString(), new StoreContext());
        ImmutableCredentials? credentials;
        try
        {
            credentials = await access.CredentialsAsync(cancellationToken);
        }
        catch (AmazonClientException e)
        {
            throw new StoreException(StoreErrorKind.Unauthenticated, $"There are no credentials for {store} on this machine: {e.Message}", e) { Store = store.ToString() };
        }

        return new RegistryStore(store.Address)
        {
            Layout = store.Layout,
            Root = store.Root,
            Tls = store.Tls,
            S3 = s3 with
            {
                Region = s3.Region ?? access.Client.Config.AuthenticationRegion ?? access.Client.Config.RegionEndpoint?.SystemName,
                Profile = null,
                AccessKey = credentials?.AccessKey,
                SecretKey = credentials is null ? null : new Secret(credentials.SecretKey),
                SessionToken = string.IsNullOrEmpty(credentials?.Token) ? null : new Secret(credentials.Token),
            },
        };
    }

    private static RegistryStore OfSwift(RegistryStore store)
    {
        var settings = SwiftSettingsResolver.Resolve(store.Swift, store.Tls);
        if (settings is { UserId: not null, UserName: null })
            throw new StoreException(StoreErrorKind.Unsupported, $"The user of {store} is named by its id, which can't be passed on. Name it (username and its domain), or use an application credential.") { Store = store.ToString() };
        var application = settings.Method == SwiftAuthMethod.ApplicationCredential;
        return new RegistryStore(store.Address)
        {
            Layout = store.Layout,
            Root = store.Root,
            Tls = new TlsOptions { CertificateAuthorityPath = store.Tls.CertificateAuthorityPath ?? settings.CertificateAuthorityPath, SkipCertificateCheck = store.Tls.SkipCertificateCheck },
            Swift = new SwiftOptions
            {
                AuthUrl = settings.AuthUrl,
                AuthVersion = settings.Method == SwiftAuthMethod.TempAuth ? 1 : settings.AuthUrl is null ? null : 3,
                UserName = settings.UserName,
                Password = application || settings.Method == SwiftAuthMethod.Token ? null : settings.Password,
                UserDomainId = settings.UserDomain.Id,
                UserDomainName = settings.UserDomain.Name,
                // An application credential is bound to its project, and Keystone refuses one that is named besides.
                ProjectId = application ? null : settings.ProjectId,
                ProjectName = application ? null : settings.ProjectName,
                ProjectDomainId = application ? null : settings.ProjectDomain.Id,
                ProjectDomainName = application ? null : settings.ProjectDomain.Name,
                ApplicationCredentialId = application ? settings.ApplicationCredentialId : null,
                ApplicationCredentialName = application ? settings.ApplicationCredentialName : null,
                ApplicationCredentialSecret = application ? settings.ApplicationCredentialSecret : null,
                Token = settings.Method == SwiftAuthMethod.Token ? settings.Token : null,
                StorageUrl = settings.StorageUrl,
                Region = settings.Region,
                Interface = settings.Interface,
                SegmentSize = store.Swift.SegmentSize,
                SegmentThreshold = store.Swift.SegmentThreshold,
            },
        };
    }
}
