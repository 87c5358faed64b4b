using System.Text.Json.Nodes;
using Amazon.S3;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Clusters.Quay;
using RegistryMigration.Clusters.Tests.Lab;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Engine.Audit;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Engine.Registries;
using RegistryMigration.Engine.Registries.Proofs;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Sync;
using RegistryMigration.Engine.Tls;
using RegistryMigration.Lab.Cluster;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Quay.Steps;

/// <summary>Steps against real storage with TLS, a real API server, and the stand-ins of Quay and its operator.</summary>
public sealed class QuayMoveTests(KubeLab lab) : IDisposable
{
    // What hangs must not keep the other tests from the cluster.
    private const int Limit = 400_000;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private MigrationPlace Place => new("full", Path.Combine(_folder.Path, "full.jsonl"), "quay-enterprise");

    private static MigrationSession Session => new() { User = "tester", Machine = "here", ModuleVersion = "0", Time = TimeProvider.System };

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = Limit)]
    public async Task Moves_to_storage_with_TLS_and_comes_back_from_one_that_Quay_does_not_reach()
    {
        await lab.RequireAsync("ceph");
        var ceph = lab.Servers.Ceph;
        await using var quay = await lab.CreateQuayWorldAsync(new QuayWorldOptions { Replicas = 1, Tls = true });
        await quay.WaitReadyAsync(Cancellation);
        await quay.PushAsync("demo/app", "1", Cancellation);
        await quay.PushAsync("shop/web", "latest", Cancellation, seed: 2);
        using var client = await KubernetesClients.ConnectAsync(lab.Cluster.Options(), TimeProvider.System, Cancellation);
        await MigrationRuns.CreateAsync(new NewMigration { Place = Place, System = QuaySystem.SystemName }, client, Session, Cancellation);
        var source = new RegistryStore($"s3://{quay.Bucket}") { S3 = new S3Options { Endpoint = ceph.Endpoint, Region = ceph.Region, AccessKey = ceph.AccessKey, SecretKey = new Secret(ceph.SecretKey) } };
        var target = await TargetAsync();
        var authorities = _folder.Write("ca.pem", await File.ReadAllTextAsync(quay.CertificateAuthority, Cancellation) + "\n" + await File.ReadAllTextAsync(ceph.CaFile, Cancellation));
        var endpoint = new RegistryEndpoint(quay.Registry.ToString()) { UserName = QuayWorldSeed.User, Password = new Secret(QuayWorldSeed.Password), Tls = new TlsOptions { CertificateAuthorityPath = authorities } };
        var request = new SwitchRequest { Destination = target, RegistryTls = endpoint.Tls };

        await RunAsync(client, context => QuaySystem.Instance.BlockWritesAsync(context, new BlockRequest(token => PushAsync(endpoint, (proof, ends) => proof.ExpectRefusedAsync("demo/probe", ends), token)), Cancellation));
        var blocked = await SpecAsync(quay);
        await CopyAsync(client, source, target);

        // Quay's own account does not know the key: nothing is recorded, so that the same command takes another one.
        var wrong = new StorageAccount(ceph.Second.AccessKey, new Secret("not-the-key"));
        var failure = await Assert.ThrowsAsync<StoreException>(() => SwitchAsync(client, request with { Account = wrong }));
        Assert.Contains(target.ToString(), failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain((await ReadAsync(client)).Steps, step => step.Action == StepActions.SwitchBackend);
        Assert.Equal(blocked, await SpecAsync(quay));

        // A setting with which Quay reaches nothing: its new pods end, and the old ones serve until the undo.
        var crashed = await QuaySteps.RefusedAsync(() => SwitchAsync(client, request with { DriverSettings = new JsonObject { ["port"] = 9 } }), "ends again and again", "Undo-RegistryMigration");
        Assert.Equal(ClusterErrorKind.Precondition, crashed.Kind);
        await PullAsync(endpoint);
        await UndoAsync(client, (await ReadAsync(client)).Steps[^2].Id);
        Assert.Equal(blocked, await SpecAsync(quay));
        await quay.WaitReadyAsync(Cancellation);
        await PullAsync(endpoint);

        var step = await SwitchAsync(client, request);
        Assert.Contains("has written to the new storage", step.Proof, StringComparison.Ordinal);
        Assert.Null(step.Forced);
        var pulled = await PullAsync(endpoint);
        await using (var run = await OpenAsync(client))
            await run.RecordAsync(new PullRecord(endpoint.ToString(), pulled, 0, 0, TimeProvider.System.GetUtcNow(), TimeSpan.Zero).ToStep(run.Steps), Cancellation);
        var allowed = await RunAsync(client, context => QuaySystem.Instance.AllowWritesAsync(context, new AllowRequest(token => PushAsync(endpoint, (proof, ends) => proof.PushAsync("demo/probe", ends), token), Force: true), Cancellation));
        Assert.NotNull(allowed.NoReturn);
        await quay.PushAsync("demo/app", "2", Cancellation, seed: 3);
        Assert.Equal(3, await PullAsync(endpoint, "demo/app:2"));

        var journal = await File.ReadAllTextAsync(Place.JournalPath, Cancellation) + (await quay.Api.GetAsync("/api/v1/namespaces/quay-enterprise/configmaps/registry-migration-full", Cancellation)).Json.ToJsonString();
        Assert.All([ceph.SecretKey, ceph.Second.SecretKey, "not-the-key", "DB_URI: "], secret => Assert.DoesNotContain(secret, journal, StringComparison.Ordinal));
    }

    [Fact(Timeout = Limit)]
    public async Task A_certificate_that_nobody_vouches_for_is_refused()
    {
        await lab.Servers.RequireAsync("ceph");
        var target = await TargetAsync();
        await using (var store = StoreFactory.Connect(target, "datastorage/registry/", StoreContext.Create(TimeProvider.System)))
            await store.WriteAsync(QuaySteps.Blob, new StoreContent("abc"u8.ToArray()), Cancellation);
        var blind = new RegistryStore(target.Address) { S3 = target.S3, Tls = new TlsOptions { SkipCertificateCheck = true } };
        await using var world = await StandaloneWorld.CreateAsync();
        world.Clock = TimeProvider.System;
        await world.BlockAsync();
        await world.CopyAsync(to: target.ToString());
        var text = world.Text;
        var server = target.S3.Endpoint!;
        var chain = await TlsChains.ReadAsync(server.Host, server.Port, new TlsOptions(), null, TimeSpan.FromSeconds(10), Cancellation);

        await QuaySteps.RefusedAsync(() => world.SwitchAsync(request => request with { Destination = blind }), "is not verified", "-CertificateAuthority", "-Fingerprint");
        await QuaySteps.RefusedAsync(() => world.SwitchAsync(request => request with { Destination = blind, Fingerprint = new string('a', 64) }), "is not verified");
        await QuaySteps.RefusedAsync(() => world.SwitchAsync(request => request with { Destination = blind, Fingerprint = chain.Certificates[0].Fingerprint }), "signed by itself", "-CertificateAuthority");
        Assert.Equal(text, world.Text);
        Assert.DoesNotContain((await world.ReadAsync()).Steps, step => step.Action == StepActions.SwitchBackend);

        // An account that may read there and not write is found out before anything is recorded.
        var ceph = lab.Servers.Ceph;
        using (var owner = new AmazonS3Client(ceph.Second.AccessKey, ceph.Second.SecretKey, new AmazonS3Config { ServiceURL = ceph.Endpoint.ToString(), ForcePathStyle = true, AuthenticationRegion = ceph.Region }))
            await owner.PutBucketPolicyAsync(target.Address.Container, $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::{{target.Address.Container}}","arn:aws:s3:::{{target.Address.Container}}/*"]}]}""", Cancellation);
        var reader = new StorageAccount(ceph.AccessKey, new Secret(ceph.SecretKey));
        await QuaySteps.RefusedAsync(() => world.SwitchAsync(request => request with { Destination = target, Account = reader }), "can't be used by the account", "could not be written", "Nothing was changed");
        Assert.Equal(text, world.Text);
        Assert.DoesNotContain((await world.ReadAsync()).Steps, step => step.Action == StepActions.SwitchBackend);

        // With its authority it is written, and known by Quay from then on; this one is never restarted, and the undo takes all of it away.
        var works = world.Restarts;
        world.Restarts = null;
        world.Timeout = TimeSpan.FromSeconds(3);
        await QuaySteps.RefusedAsync(() => world.SwitchAsync(request => request with { Destination = target }), "has not written to the new storage");
        Assert.Contains(world.Beside, name => name == $"extra_ca_cert_storage-{server.Host}.crt");
        Assert.Contains("RadosGWStorage", world.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(lab.Servers.Ceph.Second.SecretKey, await File.ReadAllTextAsync(world.Journal, Cancellation), StringComparison.Ordinal);
        world.Restarts = works;
        await world.UndoAsync();
        Assert.Equal(world.First, world.Text);
        Assert.All(world.Beside, name => Assert.EndsWith(".bak", name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_store_with_a_role_becomes_a_Quay_that_takes_it_on()
    {
        await lab.Servers.RequireAsync("ceph");
        var ceph = lab.Servers.Ceph;
        var target = await TargetAsync();
        await using (var store = StoreFactory.Connect(target, "datastorage/registry/", StoreContext.Create(TimeProvider.System)))
            await store.WriteAsync(QuaySteps.Blob, new StoreContent("abc"u8.ToArray()), Cancellation);
        var role = new RegistryStore(target.Address) { S3 = target.S3 with { RoleArn = ceph.RoleArn }, Tls = target.Tls };
        await using var world = await StandaloneWorld.CreateAsync();
        world.Clock = TimeProvider.System;
        await world.BlockAsync();
        await world.CopyAsync(to: target.ToString());
        var text = world.Text;

        // The first user may not take the role on, so Quay with its keys could not either.
        var refused = await Assert.ThrowsAsync<StoreException>(() => world.SwitchAsync(request => request with { Destination = role, Account = new StorageAccount(ceph.AccessKey, new Secret(ceph.SecretKey)) }));
        Assert.Contains("sts:AssumeRole", refused.Message, StringComparison.Ordinal);
        Assert.Equal(text, world.Text);
        Assert.DoesNotContain((await world.ReadAsync()).Steps, step => step.Action == StepActions.SwitchBackend);

        var works = world.Restarts;
        world.Restarts = null;
        world.Timeout = TimeSpan.FromSeconds(3);
        await QuaySteps.RefusedAsync(() => world.SwitchAsync(request => request with { Destination = role }), "has not written to the new storage");
        foreach (var line in (string[])["STSS3Storage", ceph.RoleArn, "sts_user_access_key", ceph.Second.AccessKey])
            Assert.Contains(line, world.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(ceph.Second.SecretKey, await File.ReadAllTextAsync(world.Journal, Cancellation), StringComparison.Ordinal);
        world.Restarts = works;
        await world.UndoAsync();
        Assert.Equal(world.First, world.Text);
    }

    // A bucket of Ceph's second user, over HTTPS.
    private async Task<RegistryStore> TargetAsync()
    {
        var ceph = lab.Servers.Ceph;
        var name = $"new-{Guid.NewGuid().ToString("n")[..12]}";
        using var s3 = new AmazonS3Client(ceph.Second.AccessKey, ceph.Second.SecretKey, new AmazonS3Config { ServiceURL = ceph.Endpoint.ToString(), ForcePathStyle = true, AuthenticationRegion = ceph.Region });
        await s3.PutBucketAsync(name, Cancellation);
        return new RegistryStore($"s3://{name}")
        {
            S3 = new S3Options { Endpoint = ceph.TlsEndpoint, Region = ceph.Region, AccessKey = ceph.Second.AccessKey, SecretKey = new Secret(ceph.Second.SecretKey) },
            Tls = new TlsOptions { CertificateAuthorityPath = ceph.CaFile },
        };
    }

    // Two passes, of which the last one copies nothing, and an audit.
    private async Task CopyAsync(IKubernetesClient client, RegistryStore from, RegistryStore to)
    {
        await using var source = await StoreFactory.OpenAsync(from, StoreContext.Create(TimeProvider.System), null, Cancellation);
        await using var target = await StoreFactory.OpenAsync(to, StoreContext.Create(TimeProvider.System), source, Cancellation);
        await using var run = await OpenAsync(client);
        for (var pass = 0; pass < 2; pass++)
            await run.RecordPassAsync(MigrationPass.From(await new SyncPass(source, target, new SyncOptions(), TimeProvider.System).RunAsync(Cancellation), MigrationPassKind.Final), Cancellation);
        var started = TimeProvider.System.GetUtcNow();
        await run.RecordAsync(AuditRecord.Of(await new StoreAudit(target, source, new AuditOptions(), TimeProvider.System).RunAsync(Cancellation), false, started).ToStep(run.Steps), Cancellation);
    }

    private static async Task<PushResult> PushAsync(RegistryEndpoint endpoint, Func<PushProof, CancellationToken, Task<PushResult>> push, CancellationToken cancellationToken)
    {
        using var registry = new RegistryClient(endpoint, StoreContext.Create(TimeProvider.System));
        return await push(new PushProof(registry, TimeProvider.System), cancellationToken);
    }

    // Pulls as clients do, and says how many images there were.
    private static async Task<int> PullAsync(RegistryEndpoint endpoint, params string[] more)
    {
        using var registry = new RegistryClient(endpoint, StoreContext.Create(TimeProvider.System));
        var images = 0;
        await foreach (var pull in new PullProof(registry, new PullOptions(), TimeProvider.System).RunAsync([.. new[] { "demo/app:1", "shop/web:latest" }.Concat(more).Select(ImageReference.Parse)], Cancellation))
        {
            Assert.True(pull.Ok, string.Join("; ", pull.Failures.Select(failure => failure.Message)));
            images++;
        }

        return images;
    }

    private static async Task<string> SpecAsync(QuayWorld quay) => (await quay.Api.GetAsync(quay.Path, Cancellation)).Json["spec"]!.ToJsonString();

    private static StepContext Context(RegistryMigrationInfo info, IKubernetesClient client) => new(info, client, TimeProvider.System, TimeSpan.FromMinutes(2));

    private Task<MigrationRun> OpenAsync(IKubernetesClient client) => MigrationRuns.OpenAsync(Place, client, Session, Cancellation);

    private Task<MigrationStep> SwitchAsync(IKubernetesClient client, SwitchRequest request) => RunAsync(client, context => QuaySystem.Instance.SwitchAsync(context, request, Cancellation));

    private async Task<MigrationStep> RunAsync(IKubernetesClient client, Func<StepContext, Task<IMigrationStep>> make)
    {
        await using var run = await OpenAsync(client);
        return await run.RunAsync(await make(Context(run.Info, client)), Cancellation);
    }

    private async Task<RegistryMigrationInfo> ReadAsync(IKubernetesClient client)
    {
        await using var run = await OpenAsync(client);
        return run.Info;
    }

    private async Task UndoAsync(IKubernetesClient client, string to)
    {
        await using var run = await OpenAsync(client);
        await foreach (var step in MigrationUndo.RunAsync(run, MigrationSystems.UndosFor(Context(run.Info, client)), to, force: false, Cancellation))
            Assert.Equal(MigrationStepState.Undone, step.State);
    }
}
