using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Journal;

public sealed class WindowForecastTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private static MigrationPass Pass(int number, double hours, double seconds, long mebi, SyncStatus status = SyncStatus.Completed, MigrationPassKind kind = MigrationPassKind.Live) => new()
    {
        Number = number,
        Kind = kind,
        Status = status,
        Source = "/old",
        Destination = "s3://new",
        StartedAt = Start.AddHours(hours),
        Duration = TimeSpan.FromSeconds(seconds),
        CopiedBytes = mebi << 20,
    };

    [Fact]
    public void Listing_and_changed_bytes_make_the_window()
    {
        // 100 MiB/s; pass 2 took 20 s for 1,000 MiB, so 10 s of them listing; 1,000 MiB an hour change, and an hour has gone by.
        var window = WindowForecast.From([Pass(1, 0, 1000, 100_000), Pass(2, 1, 20, 1000)], Start.AddHours(2))!;

        Assert.Equal(10, window.Listing.TotalSeconds, 3);
        Assert.Equal(1000L << 20, window.Bytes);
        Assert.Equal(100 << 20, window.BytesPerSecond, 3);
        Assert.Equal(20, window.Duration.TotalSeconds, 3);
        Assert.Contains("pass 2", window.Basis, StringComparison.Ordinal);
        Assert.Contains("1000.0 MiB changed in the 1.0 h since pass 1", window.Basis, StringComparison.Ordinal);
    }

    [Fact]
    public void Passes_that_copied_nothing_leave_the_listing()
    {
        var window = WindowForecast.From([Pass(1, 0, 30, 0), Pass(2, 1, 20, 0)], Start.AddHours(9))!;

        Assert.Equal(0, window.Bytes);
        Assert.Equal(30, window.Duration.TotalSeconds, 3);
    }

    [Fact]
    public void One_pass_or_passes_that_did_not_end_tell_nothing()
    {
        Assert.Null(WindowForecast.From([Pass(1, 0, 1000, 100)], Start.AddHours(1)));
        Assert.Null(WindowForecast.From([Pass(1, 0, 1000, 100), Pass(2, 1, 10, 1, SyncStatus.Failed)], Start.AddHours(1)));
        Assert.Null(WindowForecast.From([Pass(1, 0, 1000, 100), Pass(2, 1, 10, 1, kind: MigrationPassKind.Final)], Start.AddHours(1)));
    }

    [Fact]
    public void A_clock_that_went_back_gives_no_negative_time() =>
        Assert.Equal(10, WindowForecast.From([Pass(1, 0, 1000, 100_000), Pass(2, 1, 20, 1000)], Start)!.Duration.TotalSeconds, 3);
}
