using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Clusters.Tests.Support;

namespace RegistryMigration.Clusters.Tests.OpenShift;

public sealed class ImageStreamReaderTests
{
    private static readonly string A = $"sha256:{new string('a', 64)}";
    private static readonly string B = $"sha256:{new string('b', 64)}";

    [Fact]
    public async Task Images_that_lie_in_the_registry_are_listed_once_and_imported_ones_not()
    {
        var cluster = new FakeKubernetes();
        const string own = "image-registry.openshift-image-registry.svc:5000/demo/app";
        cluster.Put(OpenShiftTypes.ImageStreams, "demo", "app", $$"""
            {"status":{"dockerImageRepository":"{{own}}","tags":[
              {"tag":"1","items":[{"image":"{{A}}","dockerImageReference":"{{own}}@{{A}}","created":"2026-01-02T03:04:05Z"},{"image":"{{B}}","dockerImageReference":"quay.io/other/app@{{B}}"}]},
              {"tag":"latest","items":[{"image":"{{A}}","dockerImageReference":"{{own}}@{{A}}"},{"image":"nonsense","dockerImageReference":"{{own}}@nonsense"}]}]} }
            """);
        cluster.Put(OpenShiftTypes.ImageStreams, "demo", "empty", """{"status":{}}""");
        var images = new List<RegistryMigration.Model.RegistryImage>();
        await foreach (var image in ImageStreamReader.ListAsync(cluster, null, TestContext.Current.CancellationToken))
            images.Add(image);
        var only = Assert.Single(images);
        Assert.Equal(("demo/app", "1", A), (only.Repository, only.Tag, only.Digest.ToString()));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), only.Created);
    }

    [Fact]
    public async Task A_draw_is_as_large_as_asked_and_can_be_repeated()
    {
        using var cluster = new FakeKubernetes();
        for (var number = 0; number < 9; number++)
            cluster.Put(OpenShiftTypes.ImageStreams, "ns", $"app{number}", $$"""{"status":{"dockerImageRepository":"internal:5000/ns/app{{number}}","tags":[{"tag":"t","items":[{"image":"{{A}}","dockerImageReference":"internal:5000/ns/app{{number}}@{{A}}"}]}]} }""");
        var token = TestContext.Current.CancellationToken;

        var (drawn, seen) = await ImageStreamReader.DrawAsync(cluster, null, 4, 7, token);

        Assert.Equal(9, seen);
        Assert.Equal(4, drawn.Distinct().Count());
        Assert.Equal(drawn, (await ImageStreamReader.DrawAsync(cluster, null, 4, 7, token)).Drawn);
        Assert.Equal(9, (await ImageStreamReader.DrawAsync(cluster, null, 100, null, token)).Drawn.Count);
    }
}
