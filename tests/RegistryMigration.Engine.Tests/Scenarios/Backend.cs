using RegistryMigration.Engine.Registries;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Scenarios;

/// <summary>The storages that a registry is moved between.</summary>
public enum StorageDriver
{
    Directory,
    Ceph,
    SwiftS3,
    Swift,
    Keystone,
}

/// <summary>A new, empty storage of its own, and a real registry on it.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly LabFixture _lab;
    private readonly string _storageYaml;
    private LabRegistry? _registry;

    private Backend(LabFixture lab, StorageDriver kind, RegistryStore definition, string storageYaml)
    {
        _lab = lab;
        Kind = kind;
        Definition = definition;
        _storageYaml = storageYaml;
    }

    public StorageDriver Kind { get; }

    public RegistryStore Definition { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes the bucket, container or directory.</summary>
    public static async Task<Backend> CreateAsync(LabFixture lab, StorageDriver kind)
    {
        await lab.RequireAsync(kind switch { StorageDriver.Ceph => "ceph", StorageDriver.Keystone => "swift-ks", _ => "swift" });
        var backend = Describe(lab, kind, "scenario-" + Guid.NewGuid().ToString("n"));
        await using var store = StoreFactory.Connect(backend.Definition, "", new StoreContext());
        await store.InitializeAsync(new Dictionary<string, string>(), Token);
        return backend;
    }

    /// <summary>Connects to the storage and finds the layout in it.</summary>
    public Task<OpenStore> OpenAsync() => StoreFactory.OpenAsync(Definition, new StoreContext(), source: null, Token);

    /// <summary>A client of a real registry on this storage, which is started anew so that it has cached nothing.</summary>
    public async Task<RegistryClient> ServeAsync()
    {
        if (_registry is not null)
            await _registry.DisposeAsync();
        _registry = await _lab.StartRegistryAsync($"""
            version: 0.1
            log: {"{level: error, accesslog: {disabled: true}}"}
            storage:
            {_storageYaml}
              delete: {"{enabled: true}"}
            validation:
              manifests: {"{urls: {allow: ['^https://layers\\.example\\.com/']}}"}
            http: {"{addr: '127.0.0.1:0', secret: scenario}"}
            """);
        return new RegistryClient(new Model.RegistryEndpoint(_registry.BaseUrl.ToString()));
    }

    public async ValueTask DisposeAsync()
    {
        if (_registry is not null)
            await _registry.DisposeAsync();
        if (Kind == StorageDriver.Directory)
            System.IO.Directory.Delete(Definition.Address.Container, recursive: true);
    }

    private static Backend Describe(LabFixture lab, StorageDriver kind, string name)
    {
        var s3 = StoreAddress.InContainer(StoreKind.S3, name);
        var swift = StoreAddress.InContainer(StoreKind.Swift, name);
        switch (kind)
        {
            case StorageDriver.Ceph:
                var ceph = new S3Options { Endpoint = lab.Ceph.Endpoint, Region = lab.Ceph.Region, AccessKey = lab.Ceph.AccessKey, SecretKey = new Secret(lab.Ceph.SecretKey) };
                return new Backend(lab, kind, new RegistryStore(s3) { S3 = ceph }, S3Yaml(ceph, name));
            case StorageDriver.SwiftS3:
                var s3api = new S3Options { Endpoint = lab.Swift.S3Endpoint, Region = lab.Swift.Region, AccessKey = lab.Swift.User, SecretKey = new Secret(lab.Swift.Key) };
                return new Backend(lab, kind, new RegistryStore(s3) { S3 = s3api }, S3Yaml(s3api, name));
            case StorageDriver.Swift:
                return new Backend(lab, kind,
                    new RegistryStore(swift) { Swift = new SwiftOptions { AuthUrl = lab.Swift.AuthUrl, UserName = lab.Swift.User, Password = new Secret(lab.Swift.Key) } },
                    $"  swift: {{authurl: '{lab.Swift.AuthUrl}', username: '{lab.Swift.User}', password: '{lab.Swift.Key}', container: {name}, authversion: 1}}");
            case StorageDriver.Keystone:
                var keystone = lab.Keystone;
                return new Backend(lab, kind,
                    new RegistryStore(swift) { Swift = new SwiftOptions { Cloud = "lab", CloudsFile = keystone.CloudsFile } },
                    $"""
                      swift: {"{"}authurl: '{keystone.AuthUrl}', username: {keystone.User}, password: '{keystone.Password}', tenant: {keystone.Project}, domainid: {keystone.DomainId}, tenantdomainid: {keystone.DomainId}, region: {keystone.Region}, authversion: 3, container: {name}{"}"}
                      redirect: {"{disable: true}"}
                    """);
            default:
                var directory = System.IO.Directory.CreateTempSubdirectory(name).FullName;
                return new Backend(lab, kind, new RegistryStore(directory), $"  filesystem: {{rootdirectory: '{directory}'}}");
        }
    }

    private static string S3Yaml(S3Options options, string bucket) =>
        $"  s3: {{regionendpoint: '{options.Endpoint}', region: {options.Region}, accesskey: '{options.AccessKey}', secretkey: '{options.SecretKey!.Reveal()}', bucket: {bucket}, secure: false, v4auth: true}}";
}
