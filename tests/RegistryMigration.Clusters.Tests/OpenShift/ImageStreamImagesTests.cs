using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.OpenShift.References;
using RegistryMigration.Clusters.Tests.Support;

namespace RegistryMigration.Clusters.Tests.OpenShift;

public sealed class ImageStreamImagesTests
{
    private static readonly string Digest = "sha256:" + new string('a', 64);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Only_what_was_pushed_here_proves_anything()
    {
        var stream = Stream("app", $$$"""
            [{"tag":"pushed","items":[{"image":"{{{Digest}}}","dockerImageReference":"internal:5000/ns/app@{{{Digest}}}"},{"image":"sha256:old","dockerImageReference":"internal:5000/ns/app@sha256:old"}]},
             {"tag":"imported","items":[{"image":"{{{Digest}}}","dockerImageReference":"docker.io/library/x@{{{Digest}}}"}]},
             {"tag":"empty","items":[]},
             {"tag":"broken","items":[{"image":"none","dockerImageReference":"internal:5000/ns/app@none"}]}]
            """);

        Assert.Equal($"ns/app@{Digest}", Assert.Single(ImageStreamImages.Of(stream)).ToString());
    }

    [Fact]
    public async Task A_draw_is_as_large_as_asked_and_can_be_repeated()
    {
        using var cluster = new FakeKubernetes();
        for (var number = 0; number < 9; number++)
            cluster.Put(OpenShiftTypes.ImageStreams, "ns", $"app{number}", Stream($"app{number}", $$$"""[{"tag":"t","items":[{"image":"{{{Digest}}}","dockerImageReference":"internal:5000/ns/app@{{{Digest}}}"}]}]""").Json);

        var first = await ImageStreamImages.DrawAsync(cluster, 4, 7, Token);

        Assert.Equal(4, first.Distinct().Count());
        Assert.Equal(first, await ImageStreamImages.DrawAsync(cluster, 4, 7, Token));
        Assert.Equal(9, (await ImageStreamImages.DrawAsync(cluster, 100, null, Token)).Count);
    }

    private static Resource Stream(string name, string tags) => new(JsonNode.Parse($$$"""
        {"metadata":{"name":"{{{name}}}","namespace":"ns"},"status":{"dockerImageRepository":"internal:5000/ns/app","tags":{{{tags}}}}}
        """)!.AsObject());
}
