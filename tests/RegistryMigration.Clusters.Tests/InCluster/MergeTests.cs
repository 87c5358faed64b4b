using RegistryMigration.Clusters.InCluster;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.InCluster;

public class MergeTests
{
    private static readonly RegistryStore Source = new("/registry");

    [Theory]
    [InlineData(SyncStatus.Completed, SyncStatus.Completed, SyncStatus.Completed)]
    [InlineData(SyncStatus.Completed, SyncStatus.CompletedWithDefects, SyncStatus.CompletedWithDefects)]
    [InlineData(SyncStatus.Interrupted, SyncStatus.CompletedWithDefects, SyncStatus.Interrupted)]
    [InlineData(SyncStatus.Interrupted, SyncStatus.Failed, SyncStatus.Failed)]
    public void The_worst_part_is_the_whole(SyncStatus one, SyncStatus other, SyncStatus whole) =>
        Assert.Equal(whole, Merge([SyncSpace.Result(1, one), SyncSpace.Result(1, other)]).Status);

    [Fact]
    public void Counts_add_up_and_time_is_from_the_first_start_to_the_last_end()
    {
        var late = SyncSpace.Result(5) with { StartedAt = SyncSpace.Result(1).StartedAt.AddSeconds(100), Skipped = [new SkippedEntries(EntryKind.Upload, 2, 20)], Deferred = 3 };
        var whole = Merge([SyncSpace.Result(3) with { Skipped = [new SkippedEntries(EntryKind.Upload, 1, 10)] }, late]);
        Assert.Equal(8, whole.Copied);
        Assert.Equal(800, whole.CopiedBytes);
        Assert.Equal(10, whole.Listed);
        Assert.Equal(3, whole.Deferred);
        Assert.Equal(8, whole.SourceTraffic.Requests);
        Assert.Equal(TimeSpan.FromSeconds(105), whole.Duration);
        Assert.Equal(new SkippedEntries(EntryKind.Upload, 3, 30), Assert.Single(whole.Skipped));
    }

    [Fact]
    public void Failures_are_kept_up_to_a_limit_and_counted_beyond()
    {
        var failed = SyncSpace.Result(0, SyncStatus.Failed) with { Failed = 900, Failures = [.. Enumerable.Range(0, 900).Select(i => new SyncFailure($"k{i}", Party.Target, StoreErrorKind.Denied, ""))] };
        var whole = Merge([failed, failed]);
        Assert.Equal(1800, whole.Failed);
        Assert.Equal(ResultMerge.MaxFailures, whole.Failures.Count);
    }

    [Fact]
    public void A_part_without_a_result_makes_the_whole_a_failure()
    {
        var whole = ResultMerge.Merge(Source, SyncSpace.Swift, [SyncSpace.Result(1)], [new SyncFailure("blobs 1/2", Party.Source, StoreErrorKind.Other, "gone")]);
        Assert.Equal(SyncStatus.Failed, whole.Status);
        Assert.Equal(1, whole.Failed);
        Assert.Equal("blobs 1/2", whole.Failures[0].Key);
    }

    [Fact]
    public void Progress_is_the_sum_of_the_parts_of_one_phase()
    {
        var told = new List<SyncProgress>();
        var merge = new ProgressMerge(new Recorder(told));
        merge.Report("blobs", 0, new SyncProgress { Phase = "blobs", Copied = 1, CopiedBytes = 10, BytesPerSecond = 5, Concurrency = 4, Remaining = TimeSpan.FromSeconds(3) });
        merge.Report("blobs", 1, new SyncProgress { Phase = "blobs", Copied = 2, CopiedBytes = 20, BytesPerSecond = 7, Concurrency = 4, Remaining = TimeSpan.FromSeconds(9) });
        Assert.Equal((3, 30, 12d, 8, TimeSpan.FromSeconds(9)), (told[^1].Copied, told[^1].CopiedBytes, told[^1].BytesPerSecond, told[^1].Concurrency, told[^1].Remaining));
        merge.Finish("blobs", 0);
        merge.Report("blobs", 1, new SyncProgress { Phase = "blobs", Copied = 3, BytesPerSecond = 1 });
        Assert.Equal((4, 1d, null), (told[^1].Copied, told[^1].BytesPerSecond, told[^1].Remaining));
        merge.Report("links", 0, new SyncProgress { Phase = "links", Copied = 1 });
        Assert.Equal(("links", 1L), (told[^1].Phase, told[^1].Copied));
    }

    [Fact]
    public void A_worker_line_is_progress_warning_error_or_text()
    {
        Assert.Equal(7, WorkerLine.Read("""{"phase":"blobs","copied":7,"remaining":"00:00:05"}""").Progress!.Copied);
        Assert.Equal(new WorkerLine(null, "slow", true), WorkerLine.Read("""{"warning":"slow"}"""));
        Assert.Equal(new WorkerLine(null, "broken", false), WorkerLine.Read("""{"error":"broken","kind":"Denied"}"""));
        Assert.Equal(new WorkerLine(null, "Segmentation fault", false), WorkerLine.Read("Segmentation fault"));
        Assert.Equal(default, WorkerLine.Read("  \"status\": \"Completed\","));
        Assert.Equal("""{"phase":""", WorkerLine.Read("""{"phase":""").Text);
    }

    private static SyncResult Merge(IReadOnlyList<SyncResult> parts) => ResultMerge.Merge(Source, SyncSpace.Swift, parts, []);

    private sealed class Recorder(List<SyncProgress> told) : IProgress<SyncProgress>
    {
        public void Report(SyncProgress value) => told.Add(value);
    }
}
