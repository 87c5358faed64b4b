namespace RegistryMigration.Model.Tests.Stores;

public sealed class StoreAddressTests
{
    [Theory]
    [InlineData("s3://bucket", StoreKind.S3, "bucket", "", "s3://bucket")]
    [InlineData("s3://bucket/", StoreKind.S3, "bucket", "", "s3://bucket")]
    [InlineData("s3://bucket/a/b", StoreKind.S3, "bucket", "a/b/", "s3://bucket/a/b")]
    [InlineData("S3://Bucket//a//", StoreKind.S3, "Bucket", "a/", "s3://Bucket/a")]
    [InlineData("swift://container/p/", StoreKind.Swift, "container", "p/", "swift://container/p")]
    [InlineData("/var/lib/registry", StoreKind.FileSystem, "/var/lib/registry", "", "/var/lib/registry")]
    [InlineData("/var/lib/registry/", StoreKind.FileSystem, "/var/lib/registry", "", "/var/lib/registry")]
    [InlineData("/var/lib/x/../registry", StoreKind.FileSystem, "/var/lib/registry", "", "/var/lib/registry")]
    [InlineData("file:/var/lib/registry", StoreKind.FileSystem, "/var/lib/registry", "", "/var/lib/registry")]
    [InlineData("file:///var/lib/my%20registry", StoreKind.FileSystem, "/var/lib/my registry", "", "/var/lib/my registry")]
    [InlineData("/", StoreKind.FileSystem, "/", "", "/")]
    public void An_address_reads_as_it_is_typed(string text, StoreKind kind, string container, string prefix, string shown)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && kind == StoreKind.FileSystem, "Windows has other paths.");
        var address = StoreAddress.Parse(text);
        Assert.Equal((kind, container, prefix), (address.Kind, address.Container, address.Prefix));
        Assert.Equal(shown, address.ToString());
        Assert.Equal(address, StoreAddress.Parse(address.ToString()));
    }

    [Theory]
    [InlineData("registry")]
    [InlineData("./registry")]
    [InlineData("file:registry")]
    public void A_relative_path_is_taken_from_the_current_directory(string text) =>
        Assert.Equal(Path.Combine(Environment.CurrentDirectory, "registry"), StoreAddress.Parse(text).Container);

    [Theory]
    [InlineData("", "empty")]
    [InlineData("  ", "empty")]
    [InlineData("s3://", "bucket")]
    [InlineData("s3:///prefix", "bucket")]
    [InlineData("swift://", "container")]
    [InlineData("gs://bucket", "unknown scheme 'gs'")]
    [InlineData("https://host/bucket", "unknown scheme 'https'")]
    [InlineData("file:", "directory")]
    public void What_is_no_address_is_refused_with_its_reason(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => StoreAddress.Parse(text)).Message, StringComparison.Ordinal);
}
