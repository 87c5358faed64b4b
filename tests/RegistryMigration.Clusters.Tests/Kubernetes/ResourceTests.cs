using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Clusters.Tests.Kubernetes;

public class ResourceTests
{
    private readonly Resource _resource = new(JsonNode.Parse("""
        {"kind":"Config","metadata":{"name":"cluster","generation":7,"resourceVersion":"12"},"spec":{"readOnly":true,"replicas":2,"routes":[{"name":"a"}]}}
        """)!.AsObject());

    [Fact]
    public void Metadata_is_read()
    {
        Assert.Equal("Config/cluster", _resource.ToString());
        Assert.Equal(7, _resource.Generation);
        Assert.Equal("12", _resource.ResourceVersion);
        Assert.Null(_resource.Namespace);
    }

    [Fact]
    public void Values_of_another_type_are_absent()
    {
        Assert.Equal(2, _resource.Number("spec", "replicas"));
        Assert.Null(_resource.Text("spec", "replicas"));
        Assert.True(_resource.Flag("spec", "readOnly"));
        Assert.Null(_resource.Section("spec", "readOnly", "deeper"));
        Assert.Single(_resource.Items("spec", "routes"));
        Assert.Empty(_resource.Items("spec", "storage"));
    }
}
