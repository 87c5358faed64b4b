using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Stores.Swift.LargeObjects;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Stores.Swift.LargeObjects;

public sealed class SegmentPathsTests
{
    [Theory]
    [InlineData("", "files/docker/registry/v2/", "segments/")]
    [InlineData("pre/fix/", "files/docker/registry/v2/", "pre/fix/segments/")]
    [InlineData("pre/files/docker/registry/v2/", "", "pre/segments/")]
    [InlineData("profiles/docker/registry/", "", "profiles/docker/registry/segments/")]
    [InlineData("datastorage/registry/", "", "datastorage/registry/segments/")]
    public void Segments_lie_beside_files_where_the_driver_puts_them(string prefix, string root, string expected) =>
        Assert.Equal(expected, new SegmentPaths(prefix, root).Root);

    [Fact]
    public void A_path_follows_from_everything_that_decides_the_bytes()
    {
        var paths = new SegmentPaths("", "");
        var content = new StoreContent(new byte[10]) { Sha256 = Digest.OfSha256(new byte[10]) };
        var other = new StoreContent(new byte[10]) { Sha256 = Digest.EmptySha256 };
        var longer = new StoreContent(new byte[11]) { Sha256 = content.Sha256 };
        string[] all = [paths.For("k", content, 5, 0), paths.For("l", content, 5, 0), paths.For("k", content, 6, 0), paths.For("k", content, 5, 1), paths.For("k", other, 5, 0), paths.For("k", longer, 5, 0)];
        Assert.Distinct(all);
        Assert.Equal(all[0], paths.For("k", content, 5, 0));
        var unknown = new StoreContent(new byte[10]);
        Assert.NotEqual(paths.For("k", unknown, 5, 0), paths.For("k", unknown, 5, 0));
    }

    [Theory]
    [InlineData("segments/abc/0123456789abcdef0123", true)]
    [InlineData("segments/abc/0123456789abcdef0123/", true)]
    [InlineData("segments/", false)]
    [InlineData("segments/abc", false)]
    [InlineData("segments/abc/", false)]
    [InlineData("segments//0123456789abcdef0123", false)]
    [InlineData("files/docker/registry/v2/blobs", false)]
    [InlineData("", false)]
    public void Only_the_place_of_one_objects_segments_is_ever_emptied(string prefix, bool expected) =>
        Assert.Equal(expected, new SegmentPaths("", "files/docker/registry/v2/").IsOneObjects(prefix));
}
