using RegistryMigration.Views;

namespace RegistryMigration.Tests.Views;

public sealed class SizeTextTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.00 KiB")]
    [InlineData(1_048_575, "1.00 MiB")]
    [InlineData(1.5 * 1024 * 1024 * 1024, "1.50 GiB")]
    [InlineData(long.MaxValue, "8.00 EiB")]
    public void Bytes_get_the_unit_that_reads_best(double bytes, string expected) => Assert.Equal(expected, SizeText.OfBytes(bytes));

    [Theory]
    [InlineData(12.34, "12.3 s")]
    [InlineData(3723, "1:02:03")]
    [InlineData(90061, "1.01:01:01")]
    public void Times_read_as_seconds_then_as_clock(double seconds, string expected) => Assert.Equal(expected, SizeText.OfTime(TimeSpan.FromSeconds(seconds)));
}
