using RegistryMigration.Migrations;
using RegistryMigration.Model;
using RegistryMigration.Tests.Support;

namespace RegistryMigration.Tests.Migrations;

public sealed class ThroughputRecorderTests
{
    [Fact]
    public void Samples_are_a_second_apart_and_everything_is_passed_on()
    {
        var time = new ManualTime();
        var next = new Counter();
        var recorder = new ThroughputRecorder(next, time);
        for (var i = 0; i < 10; i++)
        {
            recorder.Report(new SyncProgress { Phase = "blobs", BytesPerSecond = i });
            time.Advance(TimeSpan.FromMilliseconds(500));
        }

        Assert.Equal(10, next.Count);
        Assert.Equal([0, 1, 2, 3, 4], recorder.Samples.Select(sample => sample.Seconds));
        Assert.Equal([0, 2, 4, 6, 8], recorder.Samples.Select(sample => sample.BytesPerSecond));
    }

    [Fact]
    public void A_pass_of_days_stays_small()
    {
        var time = new ManualTime();
        var recorder = new ThroughputRecorder(new Counter(), time);
        for (var i = 0; i < 40_000; i++)
        {
            recorder.Report(new SyncProgress { Phase = "blobs", BytesPerSecond = 7 });
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(recorder.Samples.Count, 100, 12_000);
        Assert.All(recorder.Samples, sample => Assert.Equal(7, sample.BytesPerSecond));
    }

    private sealed class Counter : IProgress<SyncProgress>
    {
        public int Count { get; private set; }

        public void Report(SyncProgress value) => Count++;
    }
}
