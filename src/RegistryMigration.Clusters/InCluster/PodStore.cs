using System.Globalization;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>A store as a pod is told of it: variables for what may be seen, files of a Secret for what may not.</summary>
internal sealed class PodStore
{
    private readonly string _role;
    private readonly List<KeyValuePair<string, string>> _variables = [];
    private readonly Dictionary<string, Secret> _files = new(StringComparer.Ordinal);
    private readonly List<(string Variable, string Key)> _fromSecret = [];
    private readonly List<string> _mounted = [];

    private PodStore(SyncDirection direction) => _role = WorkerSettings.RoleOfStore(direction);

    /// <summary>Plain variables.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Variables => _variables;

    /// <summary>Files of the Secret to make, by key; empty makes none.</summary>
    public IReadOnlyDictionary<string, Secret> Files => _files;

    /// <summary>The Secret that is there already; null for none.</summary>
    public string? GivenSecret { get; private init; }

    /// <summary>Keys of the given Secret that are mounted.</summary>
    public IReadOnlyList<string> MountedKeys => _mounted;

    /// <summary>Variables that take their value from a key of the given Secret.</summary>
    public IReadOnlyList<(string Variable, string Key)> FromSecret => _fromSecret;

    /// <summary>Tells a store with credentials of its own.</summary>
    /// <param name="store">A store that needs no file and no variable of this machine.</param>
    /// <param name="authorities">The content of its PEM file; null for none.</param>
    /// <param name="direction">Whether it is read or written.</param>
    public static PodStore Of(RegistryStore store, string? authorities, SyncDirection direction)
    {
        var told = new PodStore(direction);
        told.AddPlace(store, authorities);
        if (store.Address.Kind == StoreKind.S3)
        {
            told.Add("ACCESS_KEY", store.S3.AccessKey);
            told.AddFile("SECRET_KEY", "secret-key", store.S3.SecretKey);
            told.AddFile("SESSION_TOKEN", "session-token", store.S3.SessionToken);
        }
        else
        {
            told.AddSwiftIdentity(store.Swift);
        }

        return told;
    }

    /// <summary>Tells a store whose credentials are in a Secret of the namespace.</summary>
    /// <exception cref="ClusterException">The Secret has no keys that are known.</exception>
    public static PodStore Of(RegistryStore store, string? authorities, SyncDirection direction, Resource secret)
    {
        var keys = (secret.Section("data") ?? []).Select(pair => pair.Key).ToHashSet(StringComparer.Ordinal);
        var told = new PodStore(direction) { GivenSecret = secret.Name };
        told.AddPlace(store, authorities);
        if (store.Address.Kind == StoreKind.Swift && keys.Contains("clouds.yaml"))
        {
            told._mounted.Add("clouds.yaml");
            told.Add("CLOUDS_FILE", $"{SyncNames.CredentialPath}/given/clouds.yaml");
            told.Add("CLOUD", store.Swift.Cloud);
            return told;
        }

        (string Access, string Secret)[] pairs = [("aws_access_key_id", "aws_secret_access_key"), ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), ("REGISTRY_STORAGE_S3_ACCESSKEY", "REGISTRY_STORAGE_S3_SECRETKEY")];
        if (store.Address.Kind == StoreKind.S3 && pairs.FirstOrDefault(pair => keys.Contains(pair.Access) && keys.Contains(pair.Secret)) is { Access: not null } found)
        {
            told._fromSecret.Add((told.Set("ACCESS_KEY", "").Key, found.Access));
            told._mounted.Add(found.Secret);
            told.Add("SECRET_KEY_FILE", $"{SyncNames.CredentialPath}/given/{found.Secret}");
            return told;
        }

        var expected = store.Address.Kind == StoreKind.Swift ? "clouds.yaml" : string.Join(", or ", pairs.Select(pair => $"{pair.Access} and {pair.Secret}"));
        throw new ClusterException(ClusterErrorKind.Precondition, $"The Secret '{secret.Name}' has {(keys.Count == 0 ? "no keys" : $"the keys {string.Join(", ", keys.Order(StringComparer.Ordinal))}")}; for {store} it must have {expected}. "
            + "Name another one, or give the credentials with New-RegistryStore: a Secret is made of them then, and removed afterwards.");
    }

    /// <summary>The Secret to make, or null where nothing is to be hidden.</summary>
    public JsonObject? Manifest(JsonObject metadata)
    {
        if (_files.Count == 0)
            return null;
        var data = new JsonObject();
        foreach (var (key, value) in _files)
            data[key] = value.Reveal();
        return new JsonObject { ["metadata"] = metadata, ["type"] = "Opaque", ["stringData"] = data };
    }

    private void AddPlace(RegistryStore store, string? authorities)
    {
        _variables.Add(WorkerSettings.Set(_role, store.Address.ToString()));
        Add("LAYOUT", store.Layout?.ToString().ToLowerInvariant());
        Add("ROOT", store.Root);
        if (authorities is not null)
            AddFile("CERTIFICATE_AUTHORITY", "ca.crt", new Secret(authorities), suffix: "");
        Add("SKIP_CERTIFICATE_CHECK", store.Tls.SkipCertificateCheck ? "true" : null);
        if (store.Address.Kind == StoreKind.S3)
            AddS3(store.S3);
        else
            AddSwift(store.Swift);
    }

    private void AddS3(S3Options s3)
    {
        var defaults = new S3Options();
        Add("ENDPOINT", s3.Endpoint?.AbsoluteUri);
        Add("REGION", s3.Region);
        Add("ROLE_ARN", s3.RoleArn);
        Add("PATH_STYLE", s3.PathStyle switch { true => "true", false => "false", null => null });
        Add("PART_SIZE", s3.PartSize, defaults.PartSize);
        Add("MULTIPART_THRESHOLD", s3.MultipartThreshold, defaults.MultipartThreshold);
        Add("PART_CONCURRENCY", s3.PartConcurrency, defaults.PartConcurrency);
    }

    private void AddSwift(SwiftOptions swift)
    {
        Add("REGION", swift.Region);
        Add("INTERFACE", swift.Interface);
        Add("STORAGE_URL", swift.StorageUrl?.AbsoluteUri);
        Add("SEGMENT_SIZE", swift.SegmentSize, new SwiftOptions().SegmentSize);
        Add("SEGMENT_THRESHOLD", swift.SegmentThreshold ?? 0, 0);
    }

    private void AddSwiftIdentity(SwiftOptions swift)
    {
        Add("AUTH_URL", swift.AuthUrl?.AbsoluteUri);
        Add("AUTH_VERSION", swift.AuthVersion ?? 0, 0);
        Add("USER_NAME", swift.UserName);
        Add("USER_DOMAIN_NAME", swift.UserDomainName);
        Add("USER_DOMAIN_ID", swift.UserDomainId);
        Add("PROJECT_NAME", swift.ProjectName);
        Add("PROJECT_ID", swift.ProjectId);
        Add("PROJECT_DOMAIN_NAME", swift.ProjectDomainName);
        Add("PROJECT_DOMAIN_ID", swift.ProjectDomainId);
        Add("APPLICATION_CREDENTIAL_ID", swift.ApplicationCredentialId);
        Add("APPLICATION_CREDENTIAL_NAME", swift.ApplicationCredentialName);
        AddFile("PASSWORD", "password", swift.Password);
        AddFile("APPLICATION_CREDENTIAL_SECRET", "application-credential-secret", swift.ApplicationCredentialSecret);
        AddFile("TOKEN", "token", swift.Token);
    }

    private void Add(string name, string? value)
    {
        if (value is not null)
            _variables.Add(Set(name, value));
    }

    private void Add(string name, long value, long usual)
    {
        if (value != usual)
            _variables.Add(Set(name, value.ToString(CultureInfo.InvariantCulture)));
    }

    private void AddFile(string name, string key, Secret? value, string suffix = "_FILE")
    {
        if (value is null)
            return;
        _files[key] = value;
        _variables.Add(Set(name + suffix, $"{SyncNames.CredentialPath}/own/{key}"));
    }

    private KeyValuePair<string, string> Set(string name, string value) => WorkerSettings.Set($"{_role}_{name}", value);
}
