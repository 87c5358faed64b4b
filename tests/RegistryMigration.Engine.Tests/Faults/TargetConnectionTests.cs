using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Faults;

/// <summary>What connections to a target do in a whole pass.</summary>
public sealed class TargetConnectionTests(LabFixture lab)
{
    [Theory]
    [InlineData(StoreKind.S3, "SlowDown")]
    [InlineData(StoreKind.S3, "ServiceUnavailable")]
    [InlineData(StoreKind.Swift, "")]
    public async Task A_storm_of_503_is_ridden_out(StoreKind kind, string code)
    {
        await using var space = await FaultSpace.CreateAsync(lab, kind);
        var sample = new FaultSample();
        var requests = 0;
        var storm = space.Inject(Refusal(503, code), target: _ => Interlocked.Increment(ref requests) % 3 == 0);
        await using var target = await space.OpenAsync(Patient);
        var result = await Passes.RunAsync(sample.Open(), target, Passes.Options(Patient));
        result.AssertCompleted();
        Assert.InRange(storm.Met, 10, int.MaxValue);
        Assert.InRange(result.DestinationTraffic.Throttled, 10, storm.Met);
        space.Proxy.Rules.Clear();
        await Passes.AssertSameAsync(sample.Open(), target);
    }

    [Theory]
    [InlineData(StoreKind.S3)]
    [InlineData(StoreKind.Swift)]
    public async Task A_storm_that_does_not_end_fails_the_pass(StoreKind kind)
    {
        await using var space = await FaultSpace.CreateAsync(lab, kind);
        var sample = new FaultSample();
        await using var target = await space.OpenAsync(Passes.Once);
        space.Inject(Refusal(503, "SlowDown"), "PUT", skip: 8);
        space.Inject(Refusal(503, "SlowDown"), "POST");
        var result = await Passes.RunAsync(sample.Open(), target, Passes.Options(Passes.Once));
        result.AssertFailed(Party.Target, StoreErrorKind.Throttled);
        await AssertRecoversAsync(space, sample);
    }

    [Theory]
    [InlineData(StoreKind.S3, "reset before the body")]
    [InlineData(StoreKind.S3, "reset in the body")]
    [InlineData(StoreKind.S3, "answer lost")]
    [InlineData(StoreKind.S3, "silence")]
    [InlineData(StoreKind.S3, "500")]
    [InlineData(StoreKind.Swift, "reset before the body")]
    [InlineData(StoreKind.Swift, "reset in the body")]
    [InlineData(StoreKind.Swift, "answer lost")]
    [InlineData(StoreKind.Swift, "silence")]
    [InlineData(StoreKind.Swift, "500")]
    public async Task A_write_that_breaks_is_sent_again(StoreKind kind, string how)
    {
        await using var space = await FaultSpace.CreateAsync(lab, kind);
        var sample = new FaultSample();
        await using var target = await space.OpenAsync();
        var large = space.Inject(Break(how), "PUT", space.IsLarge, times: 2);
        var small = space.Inject(Break(how), "PUT", request => request.Contains(FaultSample.Small.Hex, StringComparison.Ordinal), times: 2);
        var result = await Passes.RunAsync(sample.Open(), target);
        result.AssertCompleted();
        Assert.Equal((2, 2), (large.Met, small.Met));
        Assert.InRange(result.DestinationTraffic.Retries, 2, 10);
        await Passes.AssertSameAsync(sample.Open(), target);
    }

    [Theory]
    [InlineData(StoreKind.S3, "reset in the body", StoreErrorKind.Transient)]
    [InlineData(StoreKind.S3, "answer lost", StoreErrorKind.Transient)]
    [InlineData(StoreKind.S3, "silence", StoreErrorKind.Stalled)]
    [InlineData(StoreKind.Swift, "reset in the body", StoreErrorKind.Transient)]
    [InlineData(StoreKind.Swift, "answer lost", StoreErrorKind.Transient)]
    [InlineData(StoreKind.Swift, "silence", StoreErrorKind.Stalled)]
    public async Task A_blob_that_never_arrives_holds_back_its_own_tag(StoreKind kind, string how, StoreErrorKind expected)
    {
        await using var space = await FaultSpace.CreateAsync(lab, kind);
        var sample = new FaultSample();
        await using (var target = await space.OpenAsync(Passes.Once))
        {
            space.Inject(Break(how), "PUT", space.IsLarge);
            var result = await Passes.RunAsync(sample.Open(), target, Passes.Options(Passes.Once));
            result.AssertFailed(Party.Target, expected);
            Assert.Equal(FaultSample.LargeKey, Assert.Single(result.Failures).Key);
        }

        await using (var direct = await space.OpenDirectAsync())
        {
            var there = await Passes.ListAsync(direct);
            Assert.DoesNotContain(there.Keys, key => key.StartsWith($"repositories/{FaultSample.LargeRepository}/_manifests/tags/", StringComparison.Ordinal));
            Assert.Contains("repositories/team/app/_manifests/tags/v3/current/link", there.Keys);
        }

        await AssertRecoversAsync(space, sample);
    }

    [Fact]
    public async Task A_complete_that_succeeded_and_answered_500_is_a_success()
    {
        await using var space = await FaultSpace.CreateAsync(lab, StoreKind.S3);
        var sample = new FaultSample();
        await using var target = await space.OpenAsync();
        var lost = space.Inject(Fault.ForwardThenAnswer(500, "<Error><Code>InternalError</Code></Error>"), "POST", request => request.Contains("uploadId=", StringComparison.Ordinal), times: 1);
        (await Passes.RunAsync(sample.Open(), target)).AssertCompleted();
        Assert.Equal(1, lost.Met);
        await Passes.AssertSameAsync(sample.Open(), target);
    }

    [Theory]
    [InlineData(403, "RequestTimeTooSkewed", StoreErrorKind.ClockSkew, "Set this machine's clock")]
    [InlineData(403, "QuotaExceeded", StoreErrorKind.Full, "Raise the quota")]
    [InlineData(507, "", StoreErrorKind.Full, "Raise the quota")]
    [InlineData(405, "MethodNotAllowed", StoreErrorKind.ReadOnly, "may be written to")]
    public async Task What_every_request_would_meet_ends_the_pass_at_once(int status, string code, StoreErrorKind kind, string advice)
    {
        await using var space = await FaultSpace.CreateAsync(lab, StoreKind.S3);
        var sample = new FaultSample();
        await using (var target = await space.OpenAsync())
        {
            var refusals = space.Inject(Refusal(status, code), "PUT", skip: 5);
            var result = await Passes.RunAsync(sample.Open(), target);
            result.AssertFailed(Party.Target, kind);
            Assert.Contains(advice, result.Failures[0].Message, StringComparison.Ordinal);
            Assert.InRange(refusals.Met, 1, 32);
            Assert.Equal(0, result.DestinationTraffic.Retries);
        }

        await AssertRecoversAsync(space, sample);
    }

    [Theory]
    [InlineData(413)]
    [InlineData(507)]
    public async Task Swift_without_room_ends_the_pass_at_once(int status)
    {
        await using var space = await FaultSpace.CreateAsync(lab, StoreKind.Swift);
        var sample = new FaultSample();
        await using (var target = await space.OpenAsync())
        {
            space.Inject(Refusal(status, ""), "PUT", skip: 5);
            var result = await Passes.RunAsync(sample.Open(), target);
            result.AssertFailed(Party.Target, StoreErrorKind.Full);
        }

        await AssertRecoversAsync(space, sample);
    }

    private static RetryOptions Patient => Passes.Quick with { Attempts = 12 };

    private static Fault Refusal(int status, string code) => Fault.Answer(status, code.Length == 0 ? "" : $"<Error><Code>{code}</Code></Error>");

    private static Fault Break(string how) => how switch
    {
        "reset before the body" => Fault.Reset(),
        "reset in the body" => Fault.Reset(5),
        "answer lost" => Fault.ForwardThenAnswer(502),
        "silence" => Fault.Stall(),
        _ => Fault.Answer(500),
    };

    // Harmless as it is, and complete after another pass.
    private static async Task AssertRecoversAsync(FaultSpace space, FaultSample sample)
    {
        space.Proxy.Rules.Clear();
        await using var target = await space.OpenAsync();
        await Passes.AssertHarmlessAsync(target);
        await Passes.AssertResumesAsync(sample.Open(), target);
    }
}
