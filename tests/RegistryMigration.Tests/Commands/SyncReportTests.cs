using RegistryMigration.Commands.Sync;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using RegistryMigration.Tests.Support;

namespace RegistryMigration.Tests.Commands;

public sealed class SyncReportTests
{
    private static readonly RegistryStore Source = new("s3://a");
    private static readonly RegistryStore Target = new("swift://b");
    private readonly RecordingPipeline _pipeline = new();

    private void Write(SyncResult result)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        CommandRun.Execute(_pipeline, (output, token) => SyncReport.WriteAsync(result, output, token), null, stop, TimeProvider.System);
    }

    [Fact]
    public void A_failed_pass_is_an_error_before_its_entries_and_its_result()
    {
        var result = new SyncResult
        {
            Source = Source,
            Destination = Target,
            Status = SyncStatus.Failed,
            Failed = 1,
            Failures = [new SyncFailure("blobs/x", Party.Target, StoreErrorKind.Full, "No room.")],
        };
        Write(result);

        Assert.Equal(["SyncFailed", "Full", "object"], _pipeline.Order);
        Assert.Same(result, _pipeline.Errors[0].Target);
        Assert.Contains("blobs/x: No room.", _pipeline.Errors[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_of_entries_are_bounded_and_the_rest_is_counted()
    {
        Write(new SyncResult
        {
            Source = Source,
            Destination = Target,
            Status = SyncStatus.Failed,
            Failed = 5000,
            Failures = [.. Enumerable.Range(0, 1000).Select(i => new SyncFailure($"k{i}", Party.Source, StoreErrorKind.Transient, "Broke."))],
        });

        Assert.Equal(1 + SyncReport.MaxErrors, _pipeline.Errors.Count);
        Assert.Contains("4,980 more", Assert.Single(_pipeline.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Defects_of_the_source_are_one_warning()
    {
        Write(new SyncResult
        {
            Source = Source,
            Destination = Target,
            Status = SyncStatus.CompletedWithDefects,
            Defects = [new StoreDefect(DefectKind.WrongDigest, "a", ""), new StoreDefect(DefectKind.WrongDigest, "b", ""), new StoreDefect(DefectKind.BrokenLink, "c", "")],
        });

        Assert.Empty(_pipeline.Errors);
        Assert.Contains("2 WrongDigest, 1 BrokenLink", Assert.Single(_pipeline.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_names_counts_bytes_and_both_ends()
    {
        var text = SyncReport.Describe(new SyncPlan { Copies = 1234, Bytes = 3L << 30, Overwrites = 5, OnlyAtTarget = 7 }, Source, Target, prune: true);

        Assert.Equal("Copy 1,234 entries (3.00 GiB; 5 replace something else) from s3://a to swift://b, and delete 7 entries there", text);
    }
}
