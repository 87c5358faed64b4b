using System.Xml.Linq;
using Amazon.S3;
using Amazon.S3.Model;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Stores.S3;
using RegistryMigration.Engine.Stores.Trial;
using RegistryMigration.Engine.Tests.Faults;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Engine.Tests.Stores.S3;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Stores.Trial;

public sealed class StoreTrialTests(LabFixture servers)
{
    private readonly S3Lab _lab = new(servers);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(S3Peer.Ceph)]
    [InlineData(S3Peer.Swift)]
    public async Task A_bucket_that_is_fit_passes_and_stays_empty(S3Peer peer)
    {
        await using var store = await _lab.NewBucketAsync(peer);
        var checks = await RunAsync(Define(peer, store));

        Assert.Equal(CheckStatus.Warning, checks["Storage's certificate"].Status);
        Assert.Contains("plain http", string.Join('\n', checks["Storage's certificate"].Evidence), StringComparison.Ordinal);
        foreach (var name in new[] { "Clocks agree", "Versioning", "Lifecycle rules", "Small object", "Large object in parts" })
            Assert.True(checks[name].Status == CheckStatus.Passed, $"{checks[name]}: {string.Join('\n', checks[name].Evidence)}");
        Assert.DoesNotContain(checks.Values, check => check.Status == CheckStatus.Failed);
        await AssertNothingIsLeftAsync(store);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_container_of_swift_passes_and_stays_empty(bool keystone)
    {
        await servers.RequireAsync(keystone ? "swift-ks" : "swift");
        var definition = new RegistryStore(StoreAddress.InContainer(StoreKind.Swift, S3Lab.NewName()))
        {
            Swift = keystone
                ? new SwiftOptions { AuthUrl = servers.Keystone.AuthUrl, UserName = servers.Keystone.User, UserDomainId = servers.Keystone.DomainId, Password = new Secret(servers.Keystone.Password), ProjectId = servers.Keystone.ProjectId }
                : new SwiftOptions { AuthUrl = servers.Swift.AuthUrl, AuthVersion = 1, UserName = servers.Swift.User, Password = new Secret(servers.Swift.Key) },
        };
        await using var store = StoreFactory.Connect(definition, "", S3Lab.Impatient());
        await store.InitializeAsync(new Dictionary<string, string>(), Token);
        var checks = await RunAsync(definition);
        Assert.Equal((CheckStatus.Passed, CheckStatus.Passed, CheckStatus.Passed), (checks["Clocks agree"].Status, checks["Small object"].Status, checks["Large object in parts"].Status));
        Assert.Empty(await S3Lab.ListAllAsync(store));
    }

    [Fact]
    public async Task Https_is_passed_with_who_vouches_for_it_and_failed_without()
    {
        await using var store = await _lab.NewBucketAsync(S3Peer.Ceph);
        var endpoint = servers.Ceph.TlsEndpoint;
        var verified = await RunAsync(Define(S3Peer.Ceph, store, options => options.At(endpoint), new TlsOptions { CertificateAuthorityPath = servers.Ceph.CaFile }));
        Assert.Equal(CheckStatus.Passed, verified["Storage's certificate"].Status);
        Assert.Contains(verified["Storage's certificate"].Evidence, line => line.StartsWith("CN=Lab CA", StringComparison.Ordinal));
        Assert.Equal(CheckStatus.Passed, verified["Large object in parts"].Status);

        var unknown = await RunAsync(Define(S3Peer.Ceph, store, options => options.At(endpoint)));
        Assert.Equal((CheckStatus.Failed, CheckStatus.Failed), (unknown["Storage's certificate"].Status, unknown["Small object"].Status));
        var careless = await RunAsync(Define(S3Peer.Ceph, store, options => options.At(endpoint), new TlsOptions { SkipCertificateCheck = true }));
        Assert.Equal((CheckStatus.Warning, CheckStatus.Passed), (careless["Storage's certificate"].Status, careless["Small object"].Status));
    }

    [Fact]
    public async Task A_bucket_that_keeps_versions_is_a_warning_and_keeps_none_of_the_trial()
    {
        await using var store = await _lab.NewBucketAsync(S3Peer.Ceph);
        await SendAsync(store, client => client.PutBucketVersioningAsync(new PutBucketVersioningRequest { BucketName = store.Connection.Bucket, VersioningConfig = new S3BucketVersioningConfig { Status = VersionStatus.Enabled } }, Token));
        var checks = await RunAsync(Define(S3Peer.Ceph, store));
        Assert.Equal((CheckStatus.Warning, CheckStatus.Passed), (checks["Versioning"].Status, checks["Small object"].Status));
        await AssertNothingIsLeftAsync(store);
    }

    [Theory]
    [InlineData("", "expire", CheckStatus.Failed)]
    [InlineData("quay/", "expire", CheckStatus.Failed)]
    [InlineData("quay/registry/sha256/", "expire", CheckStatus.Failed)]
    [InlineData("logs/", "expire", CheckStatus.Passed)]
    [InlineData("quay/", "disabled", CheckStatus.Passed)]
    [InlineData("quay/", "abort", CheckStatus.Passed)]
    [InlineData("quay/", "tag", CheckStatus.Passed)]
    public async Task Lifecycle_rules_count_where_they_meet_images(string prefix, string what, CheckStatus expected)
    {
        await using var store = await _lab.NewBucketAsync(S3Peer.Ceph);
        LifecycleFilterPredicate byPrefix = new LifecyclePrefixPredicate { Prefix = prefix };
        var rule = new LifecycleRule
        {
            Id = "the-rule",
            Status = what == "disabled" ? LifecycleRuleStatus.Disabled : LifecycleRuleStatus.Enabled,
            Filter = new LifecycleFilter
            {
                LifecycleFilterPredicate = what == "tag"
                    ? new LifecycleAndOperator { Operands = [byPrefix, new LifecycleTagPredicate { Tag = new Tag { Key = "temporary", Value = "yes" } }] }
                    : byPrefix,
            },
            Expiration = what == "abort" ? null : new LifecycleRuleExpiration { Days = 30 },
            AbortIncompleteMultipartUpload = what == "abort" ? new LifecycleRuleAbortIncompleteMultipartUpload { DaysAfterInitiation = 1 } : null,
        };
        await SendAsync(store, client => client.PutLifecycleConfigurationAsync(new PutLifecycleConfigurationRequest { BucketName = store.Connection.Bucket, Configuration = new LifecycleConfiguration { Rules = [rule] } }, Token));
        var check = (await RunAsync(Define(S3Peer.Ceph, store, root: "quay/registry")))["Lifecycle rules"];
        Assert.True(check.Status == expected, $"{check}: {string.Join('\n', check.Evidence)}");
        if (expected == CheckStatus.Failed)
            Assert.Contains("'the-rule'", Assert.Single(check.Evidence), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("STANDARD_IA", CheckStatus.Warning)]
    [InlineData("GLACIER", CheckStatus.Failed)]
    public void A_rule_that_moves_objects_counts_by_where_it_moves_them(string storageClass, CheckStatus expected)
    {
        var rules = XElement.Parse($"<LifecycleConfiguration xmlns='http://s3.amazonaws.com/doc/2006-03-01/'><Rule><ID>cold</ID><Prefix/><Status>Enabled</Status><Transition><Days>10</Days><StorageClass>{storageClass}</StorageClass></Transition></Rule></LifecycleConfiguration>");
        var check = LifecycleRules.Judge("Lifecycle rules", rules, "quay/");
        Assert.Equal(expected, check.Status);
        Assert.Contains(storageClass, Assert.Single(check.Evidence), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(501, "NotImplemented")]
    [InlineData(405, "MethodNotAllowed")]
    [InlineData(403, "AccessDenied")]
    public async Task A_call_that_the_server_does_not_know_or_allow_is_skipped_with_the_reason(int status, string code)
    {
        await using var store = await _lab.NewBucketAsync(S3Peer.Ceph);
        await using var proxy = FaultProxy.Start(servers.Ceph.Endpoint);
        proxy.Rules.Add(new FaultRule { Fault = Fault.Answer(status, $"<Error><Code>{code}</Code></Error>"), Times = int.MaxValue, Target = target => target.EndsWith("lifecycle=", StringComparison.Ordinal) || target.Contains("?versioning", StringComparison.Ordinal) });
        var checks = await RunAsync(Define(S3Peer.Ceph, store, options => options.At(proxy.Uri)));
        foreach (var name in new[] { "Lifecycle rules", "Versioning" })
        {
            Assert.Equal(CheckStatus.Skipped, checks[name].Status);
            Assert.Contains(code, Assert.Single(checks[name].Evidence), StringComparison.Ordinal);
        }

        Assert.Equal(CheckStatus.Passed, checks["Small object"].Status);
    }

    [Theory]
    [InlineData(-20, CheckStatus.Failed)]
    [InlineData(8, CheckStatus.Warning)]
    public async Task Clocks_that_differ_are_told(int minutes, CheckStatus expected)
    {
        await using var store = await _lab.NewBucketAsync(S3Peer.Ceph);
        var checks = await RunAsync(Define(S3Peer.Ceph, store), context: S3Lab.Impatient(time: new ShiftedTime(TimeSpan.FromMinutes(minutes))));
        Assert.Equal(expected, checks["Clocks agree"].Status);
        Assert.Equal(expected == CheckStatus.Failed ? CheckStatus.Failed : CheckStatus.Passed, checks["Small object"].Status);
        if (expected == CheckStatus.Failed)
            Assert.Contains("NTP", checks["Small object"].NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bucket_that_is_missing_or_somebody_elses_fails_with_what_to_do()
    {
        await _lab.RequireAsync(S3Peer.Ceph);
        await using var missing = _lab.Open(S3Peer.Ceph, S3Lab.NewName());
        var checks = await RunAsync(Define(S3Peer.Ceph, missing));
        Assert.Contains("Initialize-RegistryStore", checks["Small object"].NextStep, StringComparison.Ordinal);
        Assert.Equal(CheckStatus.Failed, checks["Versioning"].Status);

        await using var owned = await _lab.NewBucketAsync(S3Peer.Ceph);
        var second = servers.Ceph.Second;
        var refused = await RunAsync(Define(S3Peer.Ceph, owned, options => options.With(accessKey: second.AccessKey, secretKey: second.SecretKey)));
        Assert.Equal((CheckStatus.Skipped, CheckStatus.Failed), (refused["Lifecycle rules"].Status, refused["Small object"].Status));
        Assert.Contains("Grant", refused["Small object"].NextStep, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("GET")]
    public async Task A_trial_that_is_cancelled_leaves_nothing(string during)
    {
        await using var store = await _lab.NewBucketAsync(S3Peer.Ceph);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var proxy = FaultProxy.Start(servers.Ceph.Endpoint);
        var rule = new FaultRule { Fault = Fault.Stall(), Method = during, Target = target => Stops(target) };
        proxy.Rules.Add(rule);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(Define(S3Peer.Ceph, store, options => options.At(proxy.Uri)), stop.Token));
        Assert.Equal(1, rule.Met);
        await AssertNothingIsLeftAsync(store);

        // In the midst of an upload in parts, or with the object in place.
        bool Stops(string target)
        {
            var meets = target.Contains(StoreTrial.Prefix, StringComparison.Ordinal) && (during == "GET" || target.Contains("partNumber=2", StringComparison.Ordinal));
            if (meets)
                stop.CancelAfter(TimeSpan.FromMilliseconds(300));
            return meets;
        }
    }

    private RegistryStore Define(S3Peer peer, S3Store store, Func<S3Options, S3Options>? change = null, TlsOptions? tls = null, string? root = null) =>
        new(StoreAddress.InContainer(StoreKind.S3, store.Connection.Bucket)) { S3 = change?.Invoke(_lab.Options(peer)) ?? _lab.Options(peer), Tls = tls ?? new TlsOptions(), Root = root };

    private static async Task<Dictionary<string, RegistryCheck>> RunAsync(RegistryStore definition, CancellationToken? token = null, StoreContext? context = null)
    {
        var checks = new Dictionary<string, RegistryCheck>(StringComparer.Ordinal);
        await foreach (var check in StoreTrial.RunAsync(definition, context ?? S3Lab.Impatient(), token ?? Token))
        {
            Assert.True(check.Status is CheckStatus.Passed or CheckStatus.Skipped || check.NextStep is { Length: > 0 }, check.ToString());
            Assert.NotEmpty(check.Evidence);
            checks.Add(check.Name, check);
        }

        return checks;
    }

    private static Task<T> SendAsync<T>(S3Store store, Func<IAmazonS3, Task<T>> send) => store.Connection.SendAsync(key: null, (client, _) => send(client), Token);

    private static async Task AssertNothingIsLeftAsync(S3Store store)
    {
        Assert.Empty(await S3Lab.ListAllAsync(store));
        var uploads = await SendAsync(store, client => client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = store.Connection.Bucket }, Token));
        Assert.Empty(uploads.MultipartUploads ?? []);
        try
        {
            var versions = await SendAsync(store, client => client.ListVersionsAsync(new ListVersionsRequest { BucketName = store.Connection.Bucket }, Token));
            Assert.Empty(versions.Versions ?? []);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Unsupported)
        {
            // Swift's s3api without versions.
        }
    }

    private sealed class ShiftedTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
