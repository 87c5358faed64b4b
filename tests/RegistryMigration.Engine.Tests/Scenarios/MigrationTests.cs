using RegistryMigration.Engine.Registries;
using RegistryMigration.Engine.Registries.Proofs;
using RegistryMigration.Engine.Sync;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Engine.Tests.Registries.Images;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Scenarios;

/// <summary>
/// The main job on real input: images pushed into a real registry, its storage copied, and every image pulled back through a real
/// registry on the copy, every digest checked.
/// </summary>
public sealed class MigrationTests(LabFixture lab)
{
    private const int SegmentBytes = 20 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StorageDriver.Directory, StorageDriver.Swift)]
    [InlineData(StorageDriver.Directory, StorageDriver.Keystone)]
    [InlineData(StorageDriver.Directory, StorageDriver.Ceph)]
    [InlineData(StorageDriver.Directory, StorageDriver.SwiftS3)]
    [InlineData(StorageDriver.Directory, StorageDriver.Directory)]
    [InlineData(StorageDriver.Swift, StorageDriver.Ceph)]
    [InlineData(StorageDriver.Ceph, StorageDriver.SwiftS3)]
    [InlineData(StorageDriver.Ceph, StorageDriver.Ceph)]
    [InlineData(StorageDriver.Swift, StorageDriver.Swift)]
    [InlineData(StorageDriver.Ceph, StorageDriver.Directory)]
    [InlineData(StorageDriver.Swift, StorageDriver.Directory)]
    public async Task Every_image_is_served_from_the_new_storage(StorageDriver from, StorageDriver to)
    {
        await using var source = await Backend.CreateAsync(lab, from);
        await using var target = await Backend.CreateAsync(lab, to);
        SampleSet samples;
        using (var registry = await source.ServeAsync())
            samples = await SampleImages.PushAllAsync(registry, Samples(from, seed: 1), Token);

        var first = await SyncAsync(source, target);
        Assert.True(first.Status == SyncStatus.Completed, first.ToJson());
        Assert.Empty(first.Failures);
        using (var registry = await target.ServeAsync())
            await PullAllAsync(registry, samples);

        var second = await SyncAsync(source, target);
        Assert.Equal((SyncStatus.Completed, 0L), (second.Status, second.Copied));
        Assert.Equal(0, second.DestinationTraffic.BytesWritten);
        Assert.Equal(first.Copied, second.Unchanged);

        SampleSet more;
        using (var registry = await source.ServeAsync())
            more = await SampleImages.PushAllAsync(registry, Samples(from, seed: 2) with { Prefix = "later", LargeBlobBytes = 6 << 20 }, Token);
        var delta = await SyncAsync(source, target);
        Assert.Equal(SyncStatus.Completed, delta.Status);
        Assert.Equal(first.Copied, delta.Unchanged);
        using (var registry = await target.ServeAsync())
        {
            await PullAllAsync(registry, samples);
            await PullAllAsync(registry, more);
        }
    }

    [Fact]
    public async Task A_pass_into_S3_sends_one_request_for_each_object()
    {
        await using var source = await Backend.CreateAsync(lab, StorageDriver.Directory);
        await using var target = await Backend.CreateAsync(lab, StorageDriver.Ceph);
        using (var registry = await source.ServeAsync())
        {
            for (var i = 0; i < 10; i++)
                await SampleImages.PushAllAsync(registry, Samples(StorageDriver.Directory, seed: i) with { Prefix = $"team{i}", LargeBlobBytes = 6 << 20 }, Token);
        }

        var result = await SyncAsync(source, target);
        Assert.Equal(SyncStatus.Completed, result.Status);
        // Two for the layout, two or three listings; nothing else that is not a copy.
        Assert.InRange(result.DestinationTraffic.Requests - result.Copied, 1, 6);
        Assert.Equal(0, result.DestinationTraffic.Retries);
    }

    [Fact]
    public async Task Chosen_tags_are_served_from_the_new_storage()
    {
        await using var source = await Backend.CreateAsync(lab, StorageDriver.Directory);
        await using var target = await Backend.CreateAsync(lab, StorageDriver.Ceph);
        SampleSet samples;
        using (var registry = await source.ServeAsync())
            samples = await SampleImages.PushAllAsync(registry, Samples(StorageDriver.Directory, seed: 1), Token);
        var result = await SyncAsync(source, target, new SyncOptions { Repositories = ["*/index", "*/annotated"], Tags = ["1"] });
        Assert.Equal(SyncStatus.Completed, result.Status);
        using var moved = await target.ServeAsync();
        foreach (var what in new[] { "OCI index", "annotations in UTF-8", "referrer with subject" })
            await PullAllAsync(moved, new SampleSet([samples[what]]));
        Assert.Equal(2, await moved.ListRepositoriesAsync(Token).CountAsync(Token));
    }

    private static SampleOptions Samples(StorageDriver on, int seed) => new()
    {
        Seed = seed,
        LargeBlobBytes = SegmentBytes + 5_000_000,
        // docker-registry can't push an empty blob to these; a migration brings it there from a directory.
        EmptyLayer = on == StorageDriver.Directory,
        ForeignLayer = true,
    };

    private static async Task<SyncResult> SyncAsync(Backend source, Backend target, SyncOptions? options = null)
    {
        await using var from = await source.OpenAsync();
        await using var to = await target.OpenAsync();
        return await new SyncPass(from, to, options ?? new SyncOptions(), TimeProvider.System).RunAsync(Token);
    }

    private static async Task PullAllAsync(RegistryClient registry, SampleSet samples)
    {
        var proof = new PullProof(registry, new PullOptions(), TimeProvider.System);
        var pulled = 0;
        await foreach (var result in proof.RunAsync(samples.References, Token))
        {
            samples[result.Reference].ShouldMatch(result);
            pulled++;
        }

        Assert.Equal(samples.References.Count(), pulled);
    }
}
