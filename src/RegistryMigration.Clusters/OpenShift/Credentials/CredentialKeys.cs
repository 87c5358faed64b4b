using RegistryMigration.Engine.Stores.Swift.Configuration;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Credentials;

/// <summary>Storage credentials as the keys of the secret that the operator reads (pkg/storage/*/GetConfig).</summary>
public sealed class CredentialKeys
{
    private const string S3Access = "REGISTRY_STORAGE_S3_ACCESSKEY";
    private const string S3Secret = "REGISTRY_STORAGE_S3_SECRETKEY";
    private const string SwiftUser = "REGISTRY_STORAGE_SWIFT_USERNAME";
    private const string SwiftPassword = "REGISTRY_STORAGE_SWIFT_PASSWORD";
    private const string SwiftCredentialId = "REGISTRY_STORAGE_SWIFT_APPLICATIONCREDENTIALID";
    private const string SwiftCredentialName = "REGISTRY_STORAGE_SWIFT_APPLICATIONCREDENTIALNAME";
    private const string SwiftCredentialSecret = "REGISTRY_STORAGE_SWIFT_APPLICATIONCREDENTIALSECRET";
    private const string SwiftToken = "REGISTRY_STORAGE_SWIFT_TOKENID";

    private CredentialKeys(BackendKind backend, IReadOnlyDictionary<string, Secret> values) => (Backend, Values) = (backend, values);

    /// <summary>The storage type they are for.</summary>
    public BackendKind Backend { get; }

    /// <summary>The values by key.</summary>
    public IReadOnlyDictionary<string, Secret> Values { get; }

    /// <summary>The sets of keys of which the operator needs one whole, by storage type; empty for types without credentials.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> RequiredOf(BackendKind backend) => backend switch
    {
        BackendKind.S3 => [[S3Access, S3Secret]],
        // swift.go wants the name beside the id, although Keystone needs one of them.
        BackendKind.Swift => [[SwiftUser, SwiftPassword], [SwiftCredentialId, SwiftCredentialName, SwiftCredentialSecret], [SwiftToken]],
        BackendKind.Azure => [["REGISTRY_STORAGE_AZURE_ACCOUNTKEY"]],
        BackendKind.Gcs => [["REGISTRY_STORAGE_GCS_KEYFILE"]],
        BackendKind.IbmCos => [["REGISTRY_STORAGE_IBMCOS_IAMAPIKEY"]],
        _ => [],
    };

    /// <summary>An access key and its secret key.</summary>
    public static CredentialKeys OfS3(string accessKey, Secret secretKey) => Of(BackendKind.S3, (S3Access, new Secret(accessKey)), (S3Secret, secretKey));

    /// <summary>A user and a password.</summary>
    public static CredentialKeys OfSwift(string userName, Secret password) => Of(BackendKind.Swift, (SwiftUser, new Secret(userName)), (SwiftPassword, password));

    /// <summary>An application credential; the operator needs all three.</summary>
    public static CredentialKeys OfSwift(string id, string name, Secret secret) =>
        Of(BackendKind.Swift, (SwiftCredentialId, new Secret(id)), (SwiftCredentialName, new Secret(name)), (SwiftCredentialSecret, secret));

    /// <summary>A Keystone token that was issued already. It expires, and the registry with it.</summary>
    public static CredentialKeys OfSwiftToken(Secret token) => Of(BackendKind.Swift, (SwiftToken, token));

    /// <summary>What a store logs in with.</summary>
    /// <exception cref="FormatException">The store has no credentials that the operator could use.</exception>
    public static CredentialKeys Of(RegistryStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.Address.Kind switch
        {
            StoreKind.S3 => OfS3Store(store),
            StoreKind.Swift => OfSwiftStore(store),
            _ => throw new FormatException($"{store} is a directory and has no credentials. Give a store on S3 or Swift."),
        };
    }

    /// <summary>The storage type and the names of the keys.</summary>
    public override string ToString() => $"{Backend} ({string.Join(", ", Values.Keys)})";

    private static CredentialKeys OfS3Store(RegistryStore store)
    {
        if (store.S3.RoleArn is { } role)
            throw new FormatException($"{store} is reached by the role {role}, which the registry can't take on. Give a permanent access key with -Credential.");
        if (store.S3.SessionToken is not null)
            throw new FormatException($"{store} uses temporary credentials: the registry has no place for a session token. Give a permanent access key with -Credential.");
        return store.S3 is { AccessKey: { } access, SecretKey: { } secret }
            ? OfS3(access, secret)
            : throw new FormatException($"{store} takes its credentials from the AWS configuration of this machine, where the registry can't look. Give the access key with -Credential.");
    }

    private static CredentialKeys OfSwiftStore(RegistryStore store)
    {
        var settings = SwiftSettingsResolver.Resolve(store.Swift, store.Tls);
        return settings switch
        {
            { ApplicationCredentialSecret: { } secret, ApplicationCredentialId: { } id, ApplicationCredentialName: { } name } => OfSwift(id, name, secret),
            { ApplicationCredentialSecret: not null } => throw new FormatException($"{store} uses an application credential, and the registry's operator needs both its id and its name. Make the store with -ApplicationCredentialId and -ApplicationCredentialName."),
            { Token: { } token } => OfSwiftToken(token),
            { UserName: { } user, Password: { } password } => OfSwift(user, password),
            _ => throw new FormatException($"{store} has no user with password, application credential or token. Give one with New-RegistryStore, or -Credential here."),
        };
    }

    private static CredentialKeys Of(BackendKind backend, params (string Key, Secret Value)[] values) =>
        new(backend, values.ToDictionary(value => value.Key, value => value.Value, StringComparer.Ordinal));
}
