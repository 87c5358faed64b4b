using RegistryMigration.Model;
using RegistryMigration.Worker.Configuration;

namespace RegistryMigration.Worker.Tests.Configuration;

public sealed class SettingParsersTests
{
    [Theory]
    [InlineData("1048576", 1048576)]
    [InlineData("16MiB", 16L << 20)]
    [InlineData("1.5 GiB", 3L << 29)]
    [InlineData("5GB", 5_000_000_000)]
    [InlineData("7b", 7)]
    [InlineData("2tib", 2L << 40)]
    public void Sizes_are_read(string text, long bytes) => Assert.Equal(bytes, SettingParsers.Size(text));

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("MiB")]
    [InlineData("1,5MiB")]
    [InlineData("16 Mb/s")]
    [InlineData("99999999TiB")]
    public void What_is_no_size_is_refused(string text) => Assert.Throws<FormatException>(() => SettingParsers.Size(text));

    [Theory]
    [InlineData("30", 30_000)]
    [InlineData("500ms", 500)]
    [InlineData("15m", 900_000)]
    [InlineData("1.5h", 5_400_000)]
    public void Times_are_read(string text, double milliseconds) => Assert.Equal(milliseconds, SettingParsers.Time(text).TotalMilliseconds);

    [Theory]
    [InlineData("")]
    [InlineData("-5s")]
    [InlineData("soon")]
    [InlineData("9999999999999h")]
    public void What_is_no_time_is_refused(string text) => Assert.Throws<FormatException>(() => SettingParsers.Time(text));

    [Fact]
    public void Names_are_read_whatever_the_case_and_numbers_are_none()
    {
        Assert.Equal(LayoutKind.Quay, SettingParsers.OneOf<LayoutKind>("quay"));
        Assert.Throws<FormatException>(() => SettingParsers.OneOf<LayoutKind>("1"));
    }

    [Fact]
    public void An_address_with_a_password_is_refused_and_not_repeated()
    {
        var refusal = Assert.Throws<FormatException>(() => SettingParsers.HttpAddress("https://user:hunter2@host/"));
        Assert.DoesNotContain("hunter2", refusal.Message, StringComparison.Ordinal);
    }
}
