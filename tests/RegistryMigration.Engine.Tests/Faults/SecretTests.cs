using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Sync;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Faults;

/// <summary>Whatever goes wrong, no secret is in anything that a person or a machine may read of a pass.</summary>
public sealed class SecretTests(LabFixture lab)
{
    private static readonly string[] SecretHeaders = ["Authorization", "X-Auth-Token", "X-Auth-Key", "X-Amz-Security-Token", "X-Subject-Token"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StoreKind.S3, "good")]
    [InlineData(StoreKind.S3, "wrong")]
    [InlineData(StoreKind.S3, "session")]
    [InlineData(StoreKind.Swift, "good")]
    [InlineData(StoreKind.Swift, "wrong")]
    [InlineData(StoreKind.Swift, "application")]
    public async Task Nothing_that_can_be_read_holds_a_secret(StoreKind kind, string credentials)
    {
        await lab.RequireAsync(kind == StoreKind.S3 ? "ceph" : "swift-ks");
        await using var proxy = FaultProxy.Start(kind == StoreKind.S3 ? lab.Ceph.Endpoint : lab.Keystone.StorageUrl);
        var definition = Define(kind, credentials, proxy, out var secrets);
        var seen = new ConcurrentQueue<string>();
        using var activities = ListenToActivities(seen);
        using var metrics = ListenToMetrics(seen);
        foreach (var fault in Faults)
        {
            proxy.Rules.Clear();
            if (fault is not null)
                proxy.Rules.Add(new FaultRule { Fault = fault, Times = int.MaxValue });
            seen.Enqueue(await TryAsync(async () => await CloseAsync(await OpenBareAsync(definition))));
            seen.Enqueue(await TryAsync(async () => await CloseAsync(await Passes.OpenAsync(definition, Passes.Once))));
            await RunBothWaysAsync(definition, seen);
        }

        metrics.RecordObservableInstruments();
        foreach (object shown in new object[] { definition, definition.S3, definition.Swift, definition.Tls, definition.Address })
            seen.Enqueue(shown.ToString()!);
        // What was really sent: signatures and tokens that servers gave out.
        foreach (var line in proxy.Requests.SelectMany(request => request.Headers).Where(line => SecretHeaders.Any(name => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))))
            secrets.Add(line.Contains("Signature=", StringComparison.Ordinal) ? line[(line.IndexOf("Signature=", StringComparison.Ordinal) + 10)..] : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
        Assert.NotEmpty(proxy.Requests);
        Assert.InRange(seen.Count, 30, int.MaxValue);
        foreach (var text in seen)
        {
            foreach (var secret in secrets)
                Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
        }
    }

    private static Fault?[] Faults =>
    [
        null,
        Fault.Answer(401, "<Error><Code>InvalidAccessKeyId</Code></Error>"),
        Fault.Answer(403, "<Error><Code>SignatureDoesNotMatch</Code></Error>"),
        Fault.Answer(500),
        Fault.Reset(),
        Fault.CutResponse(3),
        Fault.Rewrite(_ => "<html>no listing</html>"),
    ];

    private RegistryStore Define(StoreKind kind, string credentials, FaultProxy proxy, out HashSet<string> secrets)
    {
        var invented = "SECRET-" + Guid.NewGuid().ToString("n");
        secrets = [invented];
        if (kind == StoreKind.S3)
        {
            secrets.Add(lab.Ceph.SecretKey);
            return new RegistryStore(StoreAddress.InContainer(kind, "secrets-" + Guid.NewGuid().ToString("n")))
            {
                S3 = new S3Options
                {
                    Endpoint = proxy.Uri,
                    Region = lab.Ceph.Region,
                    AccessKey = lab.Ceph.AccessKey,
                    SecretKey = new Secret(credentials == "wrong" ? invented : lab.Ceph.SecretKey),
                    SessionToken = credentials == "session" ? new Secret(invented) : null,
                },
            };
        }

        var keystone = lab.Keystone;
        secrets.Add(keystone.Password);
        secrets.Add(keystone.ApplicationCredentialSecret);
        var storage = new Uri(proxy.Uri, keystone.StorageUrl.AbsolutePath);
        return new RegistryStore(StoreAddress.InContainer(kind, "secrets-" + Guid.NewGuid().ToString("n")))
        {
            Swift = credentials == "application"
                ? new SwiftOptions { AuthUrl = keystone.AuthUrl, StorageUrl = storage, ApplicationCredentialId = keystone.ApplicationCredentialId, ApplicationCredentialSecret = new Secret(keystone.ApplicationCredentialSecret) }
                : new SwiftOptions
                {
                    AuthUrl = credentials == "wrong" ? new Uri(proxy.Uri, "/v3") : keystone.AuthUrl,
                    StorageUrl = storage,
                    UserName = keystone.User,
                    UserDomainId = keystone.DomainId,
                    ProjectName = keystone.Project,
                    ProjectDomainId = keystone.DomainId,
                    Password = new Secret(credentials == "wrong" ? invented : keystone.Password),
                },
        };
    }

    private static async Task RunBothWaysAsync(RegistryStore definition, ConcurrentQueue<string> seen)
    {
        var sample = new FaultSample();
        var given = new RegistryStore(definition.Address) { Root = "docker/registry/v2", S3 = definition.S3, Swift = definition.Swift };
        await using var store = await Passes.OpenAsync(given, Passes.Once);
        seen.Enqueue(store.ToString());
        seen.Enqueue(store.Store.Name);
        foreach (var (source, target) in new[] { (sample.Open(), store), (store, new MemoryStore { Name = "target" }.Open()) })
        {
            var pass = new SyncPass(source, target, Passes.Options(Passes.Once) with { CredentialPause = TimeSpan.FromMilliseconds(50) }, TimeProvider.System)
            {
                Warning = seen.Enqueue,
                Progress = new Collected(seen),
            };
            var result = await pass.RunAsync(Token);
            seen.Enqueue(result.ToJson());
            seen.Enqueue(result.ToString());
            foreach (var failure in result.Failures)
                seen.Enqueue(failure.ToString());
        }
    }

    private static async Task<IAsyncDisposable> OpenBareAsync(RegistryStore definition)
    {
        var store = StoreFactory.Connect(definition, "", new StoreContext());
        await store.InitializeAsync(new Dictionary<string, string>(), Token);
        return store;
    }

    // The whole exception, with everything that the SDK and HttpClient put into it.
    private static async Task<string> TryAsync(Func<Task> action)
    {
        try
        {
            await action();
            return "";
        }
        catch (StoreException e)
        {
            return e.ToString();
        }
    }

    private static async Task CloseAsync(IAsyncDisposable opened) => await opened.DisposeAsync();

    private static ActivityListener ListenToActivities(ConcurrentQueue<string> seen)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == EngineDiagnostics.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => seen.Enqueue($"{activity.DisplayName} {activity.StatusDescription} {string.Join(' ', activity.TagObjects)} {string.Join(' ', activity.Events.SelectMany(e => e.Tags))}"),
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static MeterListener ListenToMetrics(ConcurrentQueue<string> seen)
    {
        var told = new ConcurrentDictionary<string, byte>();
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == EngineDiagnostics.Name)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) =>
        {
            var text = instrument.Name + string.Join(' ', tags.ToArray().Select(tag => string.Create(CultureInfo.InvariantCulture, $"{tag.Key}={tag.Value}")));
            if (told.TryAdd(text, 0))
                seen.Enqueue(text);
        });
        listener.Start();
        return listener;
    }

    private sealed class Collected(ConcurrentQueue<string> seen) : IProgress<SyncProgress>
    {
        public void Report(SyncProgress value) => seen.Enqueue(value.ToString());
    }
}
