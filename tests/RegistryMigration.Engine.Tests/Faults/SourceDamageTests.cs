using RegistryMigration.Engine.Audit;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Faults;

/// <summary>A source that is damaged before the pass begins: what is sound is copied, and what is not is named as the source's.</summary>
public sealed class SourceDamageTests(LabFixture lab)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StoreKind.S3)]
    [InlineData(StoreKind.Swift)]
    [InlineData(StoreKind.FileSystem)]
    public async Task Wrong_truncated_and_emptied_blobs_are_reported_and_never_written(StoreKind kind)
    {
        var sample = new FaultSample();
        await using var space = await FaultSpace.CreateAsync(lab, kind);
        await space.FillAsync(sample);
        await using var source = await space.OpenDirectAsync();
        await using var directory = await FaultSpace.CreateAsync(lab, StoreKind.FileSystem);
        await using var target = await directory.OpenDirectAsync();
        var wrong = BlobOf("layer 1"u8);
        var emptied = BlobOf("layer 2"u8);
        await source.Store.WriteAsync(wrong, new StoreContent("layer X"u8.ToArray()), Token);
        await source.Store.WriteAsync(emptied, new StoreContent(ReadOnlyMemory<byte>.Empty), Token);
        await source.Store.WriteAsync(FaultSample.LargeKey, new StoreContent(sample.Store.Get(FaultSample.LargeKey)!.AsMemory(0, 1_000_000)), Token);
        var result = await Passes.RunAsync(source, target);
        Assert.True(result is { Status: SyncStatus.CompletedWithDefects, Failed: 0 }, result.ToJson());
        string[] damaged = [wrong, emptied, FaultSample.LargeKey];
        Assert.Equal(damaged.Order(StringComparer.Ordinal), result.Defects.Select(defect => defect.Key).Order(StringComparer.Ordinal));
        Assert.All(result.Defects, defect => Assert.Equal(DefectOrigin.BrokenAtSource, defect.Origin));
        Assert.Equal(sample.Store.Keys.Except(damaged).Order(StringComparer.Ordinal), (await Passes.ListAsync(target)).Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(StoreKind.S3)]
    [InlineData(StoreKind.Swift)]
    [InlineData(StoreKind.FileSystem)]
    public async Task Missing_blobs_and_manifests_stop_nothing_and_are_the_sources(StoreKind kind)
    {
        var sample = new FaultSample();
        await using var space = await FaultSpace.CreateAsync(lab, kind);
        await space.FillAsync(sample);
        await using var source = await space.OpenDirectAsync();
        await using var directory = await FaultSpace.CreateAsync(lab, StoreKind.FileSystem);
        await using var target = await directory.OpenDirectAsync();
        var index = sample.Store.Get(DistributionLayout.TagCurrentLinkKey("team/index", "v1"))!;
        var manifest = DistributionLayout.Instance.BlobKey(Digest.Parse(System.Text.Encoding.ASCII.GetString(index)));
        await source.Store.DeleteAsync(BlobOf("layer 1"u8), Token);
        await source.Store.DeleteAsync(manifest, Token);
        var result = await Passes.RunAsync(source, target);
        result.AssertCompleted();
        Assert.Equal((await Passes.ListAsync(source)).Keys.Order(StringComparer.Ordinal), (await Passes.ListAsync(target)).Keys.Order(StringComparer.Ordinal));
        var audit = await new StoreAudit(target, source, new AuditOptions { Deep = true }, TimeProvider.System).RunAsync(Token);
        Assert.Contains(audit.Defects, defect => defect.Repository == "team/app");
        Assert.Contains(audit.Defects, defect => defect.Repository == "team/index");
        Assert.All(audit.Defects, defect => Assert.Equal(DefectOrigin.BrokenAtSource, defect.Origin));
    }

    private static string BlobOf(ReadOnlySpan<byte> content) => DistributionLayout.Instance.BlobKey(Digest.OfSha256(content));
}
