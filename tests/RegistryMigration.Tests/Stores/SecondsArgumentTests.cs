using RegistryMigration.Stores;

namespace RegistryMigration.Tests.Stores;

public sealed class SecondsArgumentTests
{
    [Fact]
    public void A_number_is_seconds()
    {
        Assert.Equal(TimeSpan.FromSeconds(30), SecondsArgumentAttribute.ToTimeSpan(30));
        Assert.Equal(TimeSpan.FromSeconds(1.5), SecondsArgumentAttribute.ToTimeSpan("1.5"));
    }

    [Fact]
    public void A_time_stays_what_it_is()
    {
        Assert.Equal("00:01:30", SecondsArgumentAttribute.ToTimeSpan("00:01:30"));
        Assert.Equal(TimeSpan.FromMinutes(2), SecondsArgumentAttribute.ToTimeSpan(TimeSpan.FromMinutes(2)));
    }
}
