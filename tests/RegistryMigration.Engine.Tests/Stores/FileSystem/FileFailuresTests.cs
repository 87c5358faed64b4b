using RegistryMigration.Engine.Stores.FileSystem;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Stores.FileSystem;

/// <summary>Failures that no test machine can be made to show at will; full and read-only disks have real tests.</summary>
public sealed class FileFailuresTests
{
    [Theory]
    [InlineData(1, StoreErrorKind.Denied)]
    [InlineData(2, StoreErrorKind.NotFound)]
    [InlineData(5, StoreErrorKind.Other)]
    [InlineData(13, StoreErrorKind.Denied)]
    [InlineData(17, StoreErrorKind.Conflict)]
    [InlineData(20, StoreErrorKind.NotFound)]
    [InlineData(24, StoreErrorKind.Throttled)]
    [InlineData(27, StoreErrorKind.Full)]
    [InlineData(28, StoreErrorKind.Full)]
    [InlineData(30, StoreErrorKind.ReadOnly)]
    [InlineData(36, StoreErrorKind.InvalidKey)]
    [InlineData(116, StoreErrorKind.Transient)]
    [InlineData(122, StoreErrorKind.Full)]
    public void An_error_number_has_a_kind(int number, StoreErrorKind kind)
    {
        var e = FileFailures.From(new IOException("what the system says", number), "/store", "a/b");
        Assert.Equal((kind, "/store", "a/b"), (e.Kind, e.Store, e.Key));
        Assert.Contains("a/b", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_dotnet_translates_is_translated_on()
    {
        Assert.Equal(StoreErrorKind.Denied, Kind(new UnauthorizedAccessException()));
        Assert.Equal(StoreErrorKind.InvalidKey, Kind(new PathTooLongException()));
        Assert.Equal(StoreErrorKind.NotFound, Kind(new FileNotFoundException()));
        Assert.Equal(StoreErrorKind.NotFound, Kind(new DirectoryNotFoundException()));
        Assert.Equal(StoreErrorKind.Full, Kind(new ArgumentOutOfRangeException("value")));
        Assert.False(FileFailures.Is(new ArgumentOutOfRangeException("offset")));
        Assert.False(FileFailures.Is(new StoreException(StoreErrorKind.Other, "already one")));
    }

    private static StoreErrorKind Kind(Exception e)
    {
        Assert.True(FileFailures.Is(e));
        return FileFailures.From(e, "/store", null).Kind;
    }
}
