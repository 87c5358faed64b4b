using RegistryMigration.Model;

namespace RegistryMigration.Worker.Configuration;

/// <summary>How to reach OpenStack Swift; what is left out comes from clouds.yaml and the <c>OS_…</c> variables.</summary>
internal sealed class SwiftSettings : SettingGroup
{
    private readonly Setting<string> _cloud;
    private readonly Setting<string> _cloudsFile;
    private readonly Setting<Uri> _authUrl;
    private readonly Setting<int> _authVersion;
    private readonly Setting<string> _userName;
    private readonly SecretSetting _password;
    private readonly Setting<string> _userDomainName;
    private readonly Setting<string> _userDomainId;
    private readonly Setting<string> _projectName;
    private readonly Setting<string> _projectId;
    private readonly Setting<string> _projectDomainName;
    private readonly Setting<string> _projectDomainId;
    private readonly Setting<string> _applicationCredentialId;
    private readonly Setting<string> _applicationCredentialName;
    private readonly SecretSetting _applicationCredentialSecret;
    private readonly SecretSetting _token;
    private readonly Setting<Uri> _storageUrl;
    private readonly Setting<string> _interface;
    private readonly Setting<long> _segmentSize;
    private readonly Setting<long> _segmentThreshold;

    public SwiftSettings(string role)
    {
        Setting<string> Text(string name, string help) => Value($"{role}-{name}", $"Swift: {help}", SettingParsers.Text);

        _cloud = Text("cloud", "a cloud of clouds.yaml");
        _cloudsFile = Text("clouds-file", "the clouds.yaml to read");
        _authUrl = Value($"{role}-auth-url", "Swift: Keystone's v3 address, or tempauth's v1.0 address", SettingParsers.HttpAddress);
        _authVersion = Value($"{role}-auth-version", "Swift: 1 for tempauth, 3 for Keystone; told by the address unless given", SettingParsers.Integer(1, 3));
        _userName = Text("user-name", "the user; account:user for tempauth");
        _password = Secret($"{role}-password", "Swift: the user's password or tempauth key");
        _userDomainName = Text("user-domain-name", "the user's domain");
        _userDomainId = Text("user-domain-id", "the user's domain by id");
        _projectName = Text("project-name", "the project");
        _projectId = Text("project-id", "the project by id");
        _projectDomainName = Text("project-domain-name", "the project's domain");
        _projectDomainId = Text("project-domain-id", "the project's domain by id");
        _applicationCredentialId = Text("application-credential-id", "an application credential by id");
        _applicationCredentialName = Text("application-credential-name", "an application credential by name, with the user");
        _applicationCredentialSecret = Secret($"{role}-application-credential-secret", "Swift: the application credential's secret");
        _token = Secret($"{role}-token", "Swift: a token issued already");
        _storageUrl = Value($"{role}-storage-url", "Swift: the storage URL instead of the catalog's", SettingParsers.HttpAddress);
        _interface = Text("interface", "public (default), internal or admin");
        _segmentSize = Value($"{role}-segment-size", "Swift: bytes of one segment of a large object (20MiB)", SettingParsers.Size);
        _segmentThreshold = Value($"{role}-segment-threshold", "Swift: larger objects go in segments; anything above one segment unless given", SettingParsers.Size);
    }

    /// <summary>The options as they were given.</summary>
    public SwiftOptions Read(SettingValues values, string? region, IReadOnlyDictionary<string, string> environment) => new()
    {
        Cloud = values.Find(_cloud),
        CloudsFile = values.Find(_cloudsFile),
        AuthUrl = values.Find(_authUrl),
        AuthVersion = values.FindValue(_authVersion),
        UserName = values.Find(_userName),
        Password = values.Find(_password),
        UserDomainName = values.Find(_userDomainName),
        UserDomainId = values.Find(_userDomainId),
        ProjectName = values.Find(_projectName),
        ProjectId = values.Find(_projectId),
        ProjectDomainName = values.Find(_projectDomainName),
        ProjectDomainId = values.Find(_projectDomainId),
        ApplicationCredentialId = values.Find(_applicationCredentialId),
        ApplicationCredentialName = values.Find(_applicationCredentialName),
        ApplicationCredentialSecret = values.Find(_applicationCredentialSecret),
        Token = values.Find(_token),
        StorageUrl = values.Find(_storageUrl),
        Region = region,
        Interface = values.Find(_interface),
        SegmentSize = values.Get(_segmentSize, new SwiftOptions().SegmentSize),
        SegmentThreshold = values.FindValue(_segmentThreshold),
        Environment = environment,
    };
}
