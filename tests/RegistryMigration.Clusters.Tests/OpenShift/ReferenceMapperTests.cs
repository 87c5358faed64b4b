using RegistryMigration.Clusters.OpenShift.References;

namespace RegistryMigration.Clusters.Tests.OpenShift;

public sealed class ReferenceMapperTests
{
    [Theory]
    [InlineData("a/b=c/d", "a", "b", "c", "d")]
    [InlineData("*/b=c/*", null, "b", "c", null)]
    [InlineData("docker.io/*=registry.test:5000/*", "docker.io", null, "registry.test:5000", null)]
    [InlineData("a/x/y/z=*/n/m", "a", "x/y/z", null, "n/m")]
    public void Mappings_are_read(string text, string? fromRegistry, string? fromName, string? toRegistry, string? toName)
    {
        var mapping = ReferenceMapping.Parse(text);

        Assert.Equal(new ReferenceMapping(fromRegistry, fromName, toRegistry, toName), mapping);
        Assert.Equal(text, mapping.ToString());
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a=c/d")]
    [InlineData("a/b=c")]
    [InlineData("/b=c/d")]
    [InlineData("a/=c/d")]
    [InlineData("a/b=/d")]
    [InlineData("a/b=c/")]
    [InlineData("a/b=*/*")]
    [InlineData("a/b=a/b")]
    [InlineData("")]
    public void What_is_no_mapping_is_refused(string text) => Assert.Throws<FormatException>(() => ReferenceMapping.Parse(text));

    [Theory]
    [InlineData("registry.svc.ci.openshift.org/ns/app:v1", "docker-registry.default.svc:5000/ns/app:v1")]
    [InlineData("registry.svc.ci.openshift.org/app", "docker-registry.default.svc:5000/app")]
    [InlineData("registry.svc.ci.openshift.org/a/b/c@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "docker-registry.default.svc:5000/a/b/c@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("registry.svc.ci.openshift.org:443/ns/app", "registry.svc.ci.openshift.org:443/ns/app")]
    [InlineData("other.test/ns/app", "other.test/ns/app")]
    [InlineData("ns/app", "ns/app")]
    [InlineData("registry.svc.ci.openshift.org/NS/App", "registry.svc.ci.openshift.org/NS/App")]
    [InlineData("", "")]
    public void The_procedures_mapping_changes_the_registry_only(string from, string to) =>
        Assert.Equal(to, Mapper("registry.svc.ci.openshift.org/*=docker-registry.default.svc:5000/*").Map(from));

    [Theory]
    [InlineData("nginx:1", "mirror.test/nginx:1")]
    [InlineData("library/nginx", "mirror.test/library/nginx")]
    [InlineData("docker.io/library/nginx", "mirror.test/library/nginx")]
    [InlineData("localhost/nginx", "localhost/nginx")]
    public void References_without_a_registry_are_docker_io(string from, string to) => Assert.Equal(to, Mapper("docker.io/*=mirror.test/*").Map(from));

    [Fact]
    public void The_first_mapping_that_matches_decides()
    {
        var mapper = Mapper("a.test/ns/app=b.test/new/app", "a.test/*=c.test/*", "*/*=d.test/*");

        Assert.Equal("b.test/new/app:1", mapper.Map("a.test/ns/app:1"));
        Assert.Equal("c.test/ns/other", mapper.Map("a.test/ns/other"));
        Assert.Equal("d.test/x", mapper.Map("z.test/x"));
    }

    [Fact]
    public void A_name_alone_can_change() => Assert.Equal("a.test/new:1", Mapper("*/old=*/new").Map("a.test/old:1"));

    [Fact]
    public void A_tag_beside_a_digest_stays() =>
        Assert.Equal("b.test/x:v1@sha256:00", Mapper("a.test/*=b.test/*").Map("a.test/x:v1@sha256:00"));

    [Theory]
    [InlineData("a.test", "b.test")]
    [InlineData("https://a.test", "b.test")]
    [InlineData("https://a.test/v1/", "b.test")]
    [InlineData("https://a.test/v2/", "b.test")]
    [InlineData("http://a.test/", "b.test")]
    [InlineData("a.test/ns", "b.test/ns")]
    [InlineData("c.test", "c.test")]
    public void Keys_of_docker_configurations_change_as_docker_reads_them(string from, string to) => Assert.Equal(to, Mapper("a.test/*=b.test/*").MapKey(from));

    private static ReferenceMapper Mapper(params string[] mappings) => new([.. mappings.Select(ReferenceMapping.Parse)]);
}
