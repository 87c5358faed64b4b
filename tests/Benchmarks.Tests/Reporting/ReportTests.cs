using RegistryMigration.Benchmarks.Reporting;

namespace RegistryMigration.Benchmarks.Tests.Reporting;

public sealed class ReportTests
{
    [Theory]
    [InlineData(new double[] { 3, 1, 2 }, 2, 1, 3)]
    [InlineData(new double[] { 4, 1, 2, 3 }, 2.5, 1, 4)]
    [InlineData(new double[] { 7 }, 7, 7, 7)]
    public void Median_is_in_the_middle(double[] numbers, double median, double min, double max) => Assert.Equal(new Spread(median, min, max), Spread.Of(numbers));

    [Fact]
    public void Nothing_has_no_median() => Assert.Null(Spread.Of([]));

    [Fact]
    public void Ratio_is_to_the_best_peer_that_counts()
    {
        var result = Result(Goal.Ratio(Metric.Wall, 0.7), Contender("ours", 7, ours: true), Contender("slow", 30), Contender("fast", 10), Contender("unfair", 1) with { NotCounted = "cheats" });
        Assert.Equal(0.7, result.Goals[0].Reached(result.Contenders[0], result));
        Assert.Contains("| test | wall s ≤ 0.7 × the best tuned peer | 0.70 met |", MarkdownReport.Write([result]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missed_goal_says_so()
    {
        var result = Result(Goal.RatioTo(Metric.Wall, 0.5, "slow"), Contender("ours", 16, ours: true), Contender("slow", 30), Contender("fast", 10));
        Assert.Contains("| 0.5333 **not met** |", MarkdownReport.Write([result]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_contender_has_no_figures_and_is_nobodys_best()
    {
        var failed = Contender("failed", 1);
        failed = failed with { Runs = [.. failed.Runs, failed.Runs[0] with { Failure = "copied less" }] };
        var result = Result(Goal.Ratio(Metric.Wall, 0.7), Contender("ours", 7, ours: true), failed, Contender("slow", 70));
        Assert.Equal(0.1, result.Goals[0].Reached(result.Contenders[0], result)!.Value, 6);
        Assert.Contains("| failed | failed: copied less |  |", MarkdownReport.Write([result]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_goal_without_peers_is_not_met_by_default()
    {
        var result = Result(Goal.Ratio(Metric.Wall, 0.7), Contender("ours", 7, ours: true));
        Assert.Contains("| nothing to compare with |", MarkdownReport.Write([result]), StringComparison.Ordinal);
    }

    [Fact]
    public void Figures_of_a_workload_of_its_own_are_goals_too()
    {
        var twice = new Metric("share of bytes sent twice");
        var ours = Contender("ours", 1, ours: true);
        ours = ours with { Runs = [.. ours.Runs.Select(run => run with { Figures = new Dictionary<string, double> { [twice.Name] = 0.004 } })] };
        var result = Result(new Goal(twice, 0.01), ours);
        Assert.Contains("| share of bytes sent twice ≤ 0.01 | 0.004 met |", MarkdownReport.Write([result]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_of_several_runs_come_together_in_the_order_asked_for()
    {
        var folder = Directory.CreateTempSubdirectory("benchmarks-tests-").FullName;
        try
        {
            var cancellation = TestContext.Current.CancellationToken;
            var goal = new Goal(new Metric("own"), 0.01, "somebody", ["fast"]);
            await ResultFiles.SaveAsync(folder, Result(goal, Contender("ours", 1, ours: true)) with { Workload = "second" }, cancellation);
            await ResultFiles.SaveAsync(folder, Result(goal, Contender("ours", 2, ours: true)) with { Workload = "first" }, cancellation);
            await ResultFiles.SaveAsync(folder, Result(goal, Contender("ours", 3, ours: true)) with { Workload = "first" }, cancellation);
            var read = await ResultFiles.LoadAsync(folder, ["first", "not run", "second"], cancellation);
            Assert.Equal(["first", "second"], read.Select(result => result.Workload));
            Assert.Equal(3, read[0].Contenders[0].Of(Metric.Wall)!.Value.Median);
            Assert.Equal(goal.Metric, read[0].Goals[0].Metric);
            Assert.Equal(goal.Peers, read[0].Goals[0].Peers);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static ContenderResult Contender(string name, double seconds, bool ours = false) => new()
    {
        Name = name,
        IsOurs = ours,
        Version = "1",
        Command = name,
        Runs = [new RunResult { Round = 1, Turn = 1, WallSeconds = seconds, UserSeconds = seconds, SystemSeconds = 0, Objects = 10, Requests = 11 }],
    };

    private static WorkloadResult Result(Goal goal, params ContenderResult[] contenders) => new()
    {
        Workload = "test",
        Title = "a test",
        Started = DateTimeOffset.UnixEpoch,
        Tree = new TreeFacts("tree", "a tree", 1, 1, 0, 0, 0),
        Machine = new MachineFacts("processor", 1, 1, "system", "kernel"),
        Storages = [],
        Goals = [goal],
        Contenders = contenders,
        LeftOut = [],
    };
}
