using RegistryMigration.Clusters.OpenShift.Reading;

namespace RegistryMigration.Clusters.Tests.OpenShift;

public sealed class GoDurationTests
{
    [Theory]
    [InlineData("0s", 0)]
    [InlineData("2m0s", 120_000)]
    [InlineData("1h0m5s", 3_605_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("250ms", 250)]
    [InlineData("-1m0s", -60_000)]
    [InlineData("30h0m0s", 108_000_000)]
    public void Durations_are_written_as_Go_writes_them_and_read_back(string text, int milliseconds)
    {
        var duration = TimeSpan.FromMilliseconds(milliseconds);

        Assert.Equal(text, GoDuration.Format(duration));
        Assert.Equal(duration, GoDuration.Parse(text));
    }

    [Theory]
    [InlineData("2m", 120_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("0", 0)]
    [InlineData("1000000ns", 1)]
    [InlineData("5000us", 5)]
    public void Other_ways_of_writing_are_read(string text, int milliseconds) => Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), GoDuration.Parse(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("2")]
    [InlineData("2 m")]
    [InlineData("-")]
    [InlineData("m")]
    [InlineData("1.2.3s")]
    [InlineData("9999999999h")]
    public void What_is_no_duration_is_none(string? text) => Assert.Null(GoDuration.Parse(text));
}
