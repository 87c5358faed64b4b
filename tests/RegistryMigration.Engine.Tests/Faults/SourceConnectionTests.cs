using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Faults;

/// <summary>What connections to a source do in a whole pass.</summary>
public sealed class SourceConnectionTests(LabFixture lab)
{
    [Theory]
    [InlineData(StoreKind.S3, "cut short")]
    [InlineData(StoreKind.S3, "reset")]
    [InlineData(StoreKind.S3, "stalled")]
    [InlineData(StoreKind.S3, "silence")]
    [InlineData(StoreKind.S3, "503")]
    [InlineData(StoreKind.Swift, "cut short")]
    [InlineData(StoreKind.Swift, "reset")]
    [InlineData(StoreKind.Swift, "stalled")]
    [InlineData(StoreKind.Swift, "silence")]
    [InlineData(StoreKind.Swift, "503")]
    public async Task A_read_that_breaks_goes_on_where_it_stopped(StoreKind kind, string how)
    {
        var sample = new FaultSample();
        await using var space = await FaultSpace.CreateAsync(lab, kind);
        await space.FillAsync(sample);
        await using var directory = await FaultSpace.CreateAsync(lab, StoreKind.FileSystem);
        await using var source = await space.OpenAsync();
        await using var target = await directory.OpenDirectAsync();
        var large = space.Inject(Break(how, 3_000_000), "GET", space.IsLarge, times: 2);
        var small = space.Inject(Break(how, 3), "GET", request => request.Contains(FaultSample.Small.Hex, StringComparison.Ordinal), times: 1);
        var result = await Passes.RunAsync(source, target);
        result.AssertCompleted();
        Assert.Equal((2, 1), (large.Met, small.Met));
        Assert.Equal(3, result.SourceTraffic.Retries);
        // Nothing is read twice: not the millions of bytes that came before each break.
        Assert.InRange(result.SourceTraffic.BytesRead, 11 << 20, result.CopiedBytes + 300_000);
        await Passes.AssertSameAsync(source, target);
    }

    [Theory]
    [InlineData(StoreKind.S3, "cut short", StoreErrorKind.Transient)]
    [InlineData(StoreKind.S3, "stalled", StoreErrorKind.Stalled)]
    [InlineData(StoreKind.S3, "503", StoreErrorKind.Throttled)]
    [InlineData(StoreKind.Swift, "cut short", StoreErrorKind.Transient)]
    [InlineData(StoreKind.Swift, "stalled", StoreErrorKind.Stalled)]
    [InlineData(StoreKind.Swift, "503", StoreErrorKind.Throttled)]
    public async Task A_blob_that_can_never_be_read_is_the_sources_failure(StoreKind kind, string how, StoreErrorKind expected)
    {
        var sample = new FaultSample();
        await using var space = await FaultSpace.CreateAsync(lab, kind);
        await space.FillAsync(sample);
        await using var source = await space.OpenAsync(Passes.Once);
        await using var target = new MemoryStore { Name = "target" };
        space.Inject(Break(how, 0), "GET", space.IsLarge);
        var result = await Passes.RunAsync(source, target.Open(), Passes.Options(Passes.Once));
        result.AssertFailed(Party.Source, expected);
        Assert.Equal(FaultSample.LargeKey, Assert.Single(result.Failures).Key);
        await Passes.AssertHarmlessAsync(target.Open());
        space.Proxy.Rules.Clear();
        await Passes.AssertResumesAsync(source, target.Open());
    }

    private static Fault Break(string how, long after) => how switch
    {
        "cut short" => Fault.CutResponse(after),
        "reset" => Fault.ResetResponse(after),
        "stalled" => Fault.StallResponse(after),
        "silence" => Fault.Stall(),
        _ => Fault.Answer(503, "<Error><Code>SlowDown</Code></Error>"),
    };
}
