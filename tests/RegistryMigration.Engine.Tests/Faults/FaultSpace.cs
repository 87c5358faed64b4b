using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Faults;

/// <summary>A bucket, container or directory of its own on a real server, reached through a proxy that makes faults, or past it.</summary>
internal sealed class FaultSpace : IAsyncDisposable
{
    public const int PartBytes = 5 << 20;
    public const int SegmentBytes = 1 << 20;

    private readonly LabFixture _lab;
    private readonly FaultProxy? _proxy;
    private readonly bool _ownsProxy;

    private FaultSpace(LabFixture lab, StoreKind kind, FaultProxy? proxy, bool ownsProxy)
    {
        _lab = lab;
        _proxy = proxy;
        _ownsProxy = ownsProxy;
        Kind = kind;
        Address = kind == StoreKind.FileSystem
            ? StoreAddress.Parse(Directory.CreateTempSubdirectory("rm-fault-").FullName)
            : StoreAddress.InContainer(kind, "fault-" + Guid.NewGuid().ToString("n"));
    }

    public StoreKind Kind { get; }

    public StoreAddress Address { get; }

    public FaultProxy Proxy => _proxy ?? throw new InvalidOperationException("A directory has no proxy.");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<FaultSpace> CreateAsync(LabFixture lab, StoreKind kind)
    {
        if (kind != StoreKind.FileSystem)
            await lab.RequireAsync(kind == StoreKind.S3 ? "ceph" : "swift");
        var proxy = kind switch { StoreKind.S3 => FaultProxy.Start(lab.Ceph.Endpoint), StoreKind.Swift => FaultProxy.Start(lab.Swift.AuthUrl), _ => null };
        return await InitializeAsync(new FaultSpace(lab, kind, proxy, ownsProxy: true));
    }

    /// <summary>Another bucket or container behind the same proxy: the same endpoint under the same credentials.</summary>
    public Task<FaultSpace> CreateSiblingAsync() => InitializeAsync(new FaultSpace(_lab, Kind, _proxy, ownsProxy: false));

    /// <summary>What is opened: through the proxy, or past it.</summary>
    public RegistryStore Define(bool direct = false, string? root = null) => new(Address)
    {
        Root = root,
        S3 = Kind == StoreKind.S3
            ? new S3Options
            {
                Endpoint = direct ? _lab.Ceph.Endpoint : Proxy.Uri,
                Region = _lab.Ceph.Region,
                AccessKey = _lab.Ceph.AccessKey,
                SecretKey = new Secret(_lab.Ceph.SecretKey),
                PartSize = PartBytes,
                MultipartThreshold = PartBytes,
                PartConcurrency = 2,
            }
            : new S3Options(),
        Swift = Kind == StoreKind.Swift
            ? new SwiftOptions
            {
                AuthUrl = direct ? _lab.Swift.AuthUrl : Proxy.Uri,
                UserName = _lab.Swift.User,
                Password = new Secret(_lab.Swift.Key),
                SegmentSize = SegmentBytes,
            }
            : new SwiftOptions(),
    };

    public Task<OpenStore> OpenAsync(RetryOptions? retry = null, TimeSpan? stall = null) => Passes.OpenAsync(Define(), retry, stall);

    public Task<OpenStore> OpenDirectAsync() => Passes.OpenAsync(Define(direct: Kind != StoreKind.FileSystem));

    /// <summary>The place itself, past the proxy and without a root: to put there what no registry would.</summary>
    public IStore OpenRaw() => StoreFactory.Connect(Define(direct: Kind != StoreKind.FileSystem), "", new StoreContext());

    /// <summary>Lets requests fail from now on.</summary>
    public FaultRule Inject(Fault fault, string? method = null, Func<string, bool>? target = null, int times = int.MaxValue, int skip = 0)
    {
        var rule = new FaultRule { Fault = fault, Method = method, Target = target, Times = times, Skip = skip };
        Proxy.Rules.Add(rule);
        return rule;
    }

    /// <summary>Whether a request is about the content of the sample's large blob: its object, a part, or a segment.</summary>
    public bool IsLarge(string target) => Kind == StoreKind.Swift && !target.Contains("/files/", StringComparison.Ordinal)
        ? target.Contains("/segments/", StringComparison.Ordinal)
        : target.Contains(FaultSample.Large.Hex, StringComparison.Ordinal) && !target.Contains("repositories", StringComparison.Ordinal) && !target.Contains("uploads", StringComparison.Ordinal);

    /// <summary>Puts the sample there, as a registry would have.</summary>
    public async Task FillAsync(FaultSample sample)
    {
        await using var target = await OpenDirectAsync();
        var filled = await Passes.RunAsync(sample.Open(), target);
        Assert.True(filled.Status == SyncStatus.Completed, filled.ToJson());
    }

    public async ValueTask DisposeAsync()
    {
        if (_ownsProxy && _proxy is not null)
            await _proxy.DisposeAsync();
        if (Kind == StoreKind.FileSystem)
            Directory.Delete(Address.Container, recursive: true);
    }

    private static async Task<FaultSpace> InitializeAsync(FaultSpace space)
    {
        await using var store = space.OpenRaw();
        await store.InitializeAsync(new Dictionary<string, string>(), Token);
        return space;
    }
}
