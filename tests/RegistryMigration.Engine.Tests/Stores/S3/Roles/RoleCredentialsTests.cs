using System.Globalization;
using Amazon.Runtime;
using Amazon.SecurityToken;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Stores.S3.Roles;
using RegistryMigration.Engine.Tests.Faults;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Tests.Stores.S3.S3Lab;

namespace RegistryMigration.Engine.Tests.Stores.S3.Roles;

/// <summary>When a role is taken on anew, by a clock that moves when told.</summary>
public sealed class RoleCredentialsTests
{
    private readonly SteppedTime _time = new();

    [Fact]
    public async Task Are_renewed_five_minutes_before_they_expire_and_not_earlier()
    {
        await using var sts = FaultProxy.Start(new Uri("http://127.0.0.1:9"));
        using var role = Create(sts);
        Assert.Throws<AmazonClientException>(() => role.GetCredentials());
        Session(sts, "first", TimeSpan.FromMinutes(20));
        Assert.Equal("first", await KeyAsync(role));
        _time.Advance(TimeSpan.FromMinutes(14));
        Assert.Equal("first", await KeyAsync(role));
        Session(sts, "second", TimeSpan.FromMinutes(40));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("second", await KeyAsync(role));
        Assert.Equal("second", (await role.GetCredentialsAsync()).AccessKey);
        Assert.Equal(2, sts.Requests.Count);
    }

    [Fact]
    public async Task Are_used_until_they_expire_while_nobody_renews_them()
    {
        await using var sts = FaultProxy.Start(new Uri("http://127.0.0.1:9"));
        using var role = Create(sts);
        Session(sts, "first", TimeSpan.FromMinutes(20));
        await KeyAsync(role);
        sts.Rules.Add(new FaultRule { Fault = Fault.Answer(503, "<Error><Code>SlowDown</Code></Error>"), Times = 3 });
        _time.Advance(TimeSpan.FromMinutes(16));
        Assert.Equal("first", await KeyAsync(role));
        Assert.Equal("first", await KeyAsync(role));
        Assert.Equal(2, sts.Requests.Count);
        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("first", await KeyAsync(role));
        Assert.Equal(3, sts.Requests.Count);
        _time.Advance(TimeSpan.FromMinutes(4));
        var failure = await FailsAsync(StoreErrorKind.Throttled, () => role.RenewAsync(Cancellation).AsTask());
        Assert.True(failure.IsRetryable);
        Session(sts, "second", TimeSpan.FromMinutes(20));
        Assert.Equal("second", await KeyAsync(role));
    }

    [Fact]
    public async Task Are_asked_for_once_by_many_and_who_leaves_disturbs_nobody()
    {
        await using var sts = FaultProxy.Start(new Uri("http://127.0.0.1:9"));
        using var role = Create(sts);
        using var leaving = new CancellationTokenSource();
        sts.Rules.Add(new FaultRule { Fault = Fault.Stall() });
        var first = role.RenewAsync(leaving.Token).AsTask();
        while (sts.Requests.Count == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancellation);
        Session(sts, "second", TimeSpan.FromHours(1));
        var others = Enumerable.Range(0, 50).Select(_ => KeyAsync(role)).ToList();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.All(await Task.WhenAll(others), key => Assert.Equal("second", key));
        Assert.Equal(2, sts.Requests.Count);
    }

    [Fact]
    public async Task Last_no_longer_than_usual_where_our_clock_is_behind()
    {
        await using var sts = FaultProxy.Start(new Uri("http://127.0.0.1:9"));
        using var role = Create(sts);
        // An hour by a server that is ten minutes ahead of us.
        Session(sts, "first", TimeSpan.FromMinutes(70));
        await KeyAsync(role);
        Session(sts, "second", TimeSpan.FromMinutes(130));
        _time.Advance(TimeSpan.FromMinutes(55));
        Assert.Equal("second", await KeyAsync(role));
    }

    [Fact]
    public async Task Are_forgotten_only_where_they_are_still_those_in_use()
    {
        await using var sts = FaultProxy.Start(new Uri("http://127.0.0.1:9"));
        using var role = Create(sts);
        Session(sts, "first", TimeSpan.FromHours(1));
        var first = await role.RenewAsync(Cancellation);
        role.Forget(first);
        Session(sts, "second", TimeSpan.FromHours(1));
        Assert.Equal("second", await KeyAsync(role));
        // Whoever was refused later with the first ones.
        role.Forget(first);
        Assert.Equal("second", await KeyAsync(role));
        Assert.Equal(2, sts.Requests.Count);
    }

    [Fact]
    public async Task A_user_whose_own_token_has_expired_pauses_a_run()
    {
        await using var sts = FaultProxy.Start(new Uri("http://127.0.0.1:9"));
        using var role = Create(sts);
        sts.Rules.Add(new FaultRule { Fault = Fault.Answer(403, "<ErrorResponse><Error><Code>ExpiredToken</Code><Message>The security token included in the request is expired</Message></Error></ErrorResponse>") });
        var failure = await FailsAsync(StoreErrorKind.CredentialsExpired, () => role.RenewAsync(Cancellation).AsTask());
        Assert.Contains("user's own credentials have expired", failure.Message, StringComparison.Ordinal);
    }

    private RoleCredentials Create(FaultProxy sts)
    {
        var config = new AmazonSecurityTokenServiceConfig { ServiceURL = sts.Uri.AbsoluteUri, AuthenticationRegion = "us-east-1", MaxErrorRetry = 0 };
        var sessions = new RoleSessions(new AmazonSecurityTokenServiceClient("access", "secret", config), "the access key access", "arn:aws:iam:::role/mover", "s3://images", new StoreContext { Time = _time });
        return new RoleCredentials(sessions, _time);
    }

    private void Session(FaultProxy sts, string key, TimeSpan life) => sts.Rules.Add(new FaultRule
    {
        Fault = Fault.Answer(200, $"""
            <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>hush</SecretAccessKey>
            <SessionToken>token</SessionToken><Expiration>{(_time.GetUtcNow() + life).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>
            """),
    });

    private static async Task<string> KeyAsync(RoleCredentials role) => (await role.RenewAsync(Cancellation)).AccessKey;
}
