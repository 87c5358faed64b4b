using System.Globalization;
using System.Security.Cryptography;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Engine.Tests.Stores.Swift;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Faults;

/// <summary>Swift's large objects in the states that other tools leave them in.</summary>
public sealed class LargeObjectTests(LabFixture lab)
{
    private const string Root = "files/docker/registry/v2/";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StoreKind.FileSystem)]
    [InlineData(StoreKind.S3)]
    [InlineData(StoreKind.Swift)]
    public async Task A_large_object_without_segments_is_reported_and_never_copied(StoreKind to)
    {
        await using var space = await FaultSpace.CreateAsync(lab, StoreKind.Swift);
        await space.FillAsync(new FaultSample());
        await LoseSegmentsAsync(space);
        // Swift to Swift: the server would copy it by itself.
        await using var other = to == StoreKind.Swift ? await space.CreateSiblingAsync() : await FaultSpace.CreateAsync(lab, to);
        await using var source = await space.OpenAsync();
        await using var target = to == StoreKind.FileSystem ? await other.OpenDirectAsync() : await other.OpenAsync();
        for (var pass = 0; pass < 2; pass++)
        {
            var result = await Passes.RunAsync(source, target);
            Assert.True(result.Status == SyncStatus.CompletedWithDefects, result.ToJson());
            var defect = Assert.Single(result.Defects);
            Assert.Equal((DefectKind.EmptyLargeObject, DefectOrigin.BrokenAtSource, FaultSample.LargeKey), (defect.Kind, defect.Origin, defect.Key));
            Assert.DoesNotContain(FaultSample.LargeKey, (await Passes.ListAsync(target)).Keys);
        }
    }

    [Fact]
    public async Task A_good_blob_is_not_replaced_by_a_large_object_without_segments()
    {
        await using var space = await FaultSpace.CreateAsync(lab, StoreKind.Swift);
        await using var sibling = await space.CreateSiblingAsync();
        await space.FillAsync(new FaultSample());
        await sibling.FillAsync(new FaultSample());
        await LoseSegmentsAsync(space);
        await using var source = await space.OpenAsync();
        await using var target = await sibling.OpenAsync();
        var result = await Passes.RunAsync(source, target);
        Assert.Equal((SyncStatus.CompletedWithDefects, 0L), (result.Status, result.Copied));
        await Passes.AssertSameAsync(new FaultSample().Open(), target);
    }

    [Fact]
    public async Task A_large_object_without_segments_at_the_target_is_repaired()
    {
        var sample = new FaultSample();
        await using var space = await FaultSpace.CreateAsync(lab, StoreKind.Swift);
        await space.FillAsync(sample);
        await LoseSegmentsAsync(space);
        await using var target = await space.OpenAsync();
        var result = await Passes.RunAsync(sample.Open(), target);
        result.AssertCompleted();
        Assert.Equal((1L, 1L), (result.Copied, result.Overwritten));
        await Passes.AssertSameAsync(sample.Open(), target);
    }

    [Theory]
    [InlineData("static")]
    [InlineData("dynamic")]
    public async Task A_large_object_with_segments_in_another_container_is_read_through(string kind)
    {
        var sample = new FaultSample();
        await using var space = await SwiftSpace.TempAuthAsync(lab);
        await using var segments = await SwiftSpace.TempAuthAsync(lab);
        var definition = new RegistryStore(StoreAddress.InContainer(StoreKind.Swift, space.Container)) { Swift = SwiftSpace.Options(lab.Swift), Root = Root };
        await using var source = await Passes.OpenAsync(definition);
        var content = sample.Store.Get(FaultSample.LargeKey)!;
        sample.Store.Remove(FaultSample.LargeKey);
        (await Passes.RunAsync(sample.Open(), source)).AssertCompleted();
        sample.Store.Put(FaultSample.LargeKey, content);

        var parts = content.Chunk(4 << 20).ToList();
        for (var i = 0; i < parts.Count; i++)
            await segments.PutAsync(string.Create(CultureInfo.InvariantCulture, $"large/{i:00000000}"), parts[i]);
        if (kind == "static")
        {
            var manifest = string.Join(',', parts.Select((part, i) => FormattableString.Invariant($$"""{"path": "/{{segments.Container}}/large/{{i:00000000}}", "etag": "{{Md5(part)}}", "size_bytes": {{part.Length}}}""")));
            await space.PutAsync(Root + FaultSample.LargeKey + "?multipart-manifest=put", $"[{manifest}]");
        }
        else
        {
            await space.PutAsync(Root + FaultSample.LargeKey, [], ("X-Object-Manifest", segments.Container + "/large/"));
        }

        await using var directory = await FaultSpace.CreateAsync(lab, StoreKind.FileSystem);
        await using var target = await directory.OpenDirectAsync();
        (await Passes.RunAsync(source, target)).AssertCompleted();
        await Passes.AssertSameAsync(sample.Open(), target);
        Assert.Equal(content.Length, (await target.Store.StatAsync(FaultSample.LargeKey, Token))!.Value.Size);
        var second = await Passes.RunAsync(source, target);
        Assert.Equal((SyncStatus.Completed, 0L), (second.Status, second.Copied));
    }

    // As a clean-up of "old" objects does, or a copy that takes manifests for content.
    private static async Task LoseSegmentsAsync(FaultSpace space)
    {
        await using var bare = space.OpenRaw();
        var segments = new List<string>();
        await foreach (var page in bare.ListAsync("segments/", rejected: null, Token))
            segments.AddRange(page.ToArray().Select(entry => entry.Key));
        Assert.InRange(segments.Count, 10, 20);
        foreach (var segment in segments)
            await bare.DeleteAsync(segment, Token);
    }

#pragma warning disable CA5351 // Swift's manifests name segments by MD5.
    private static string Md5(byte[] content) => Convert.ToHexString(MD5.HashData(content)).ToLowerInvariant();
#pragma warning restore CA5351
}
