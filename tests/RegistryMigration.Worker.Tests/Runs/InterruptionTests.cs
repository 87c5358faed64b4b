using RegistryMigration.Worker.Tests.Support;

namespace RegistryMigration.Worker.Tests.Runs;

public sealed class InterruptionTests(SampleFixture sample) : IDisposable
{
    private static readonly Dictionary<string, string> NoEnvironment = [];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_ends_the_run_with_130_and_a_result_and_the_next_run_goes_on(string signal)
    {
        var copy = Directory.CreateDirectory(_directory["copy"]).FullName;
        using var process = WorkerProcess.Start(NoEnvironment, "sync", "--source", sample.Path, "--destination", copy, "--json", "--bytes-per-second", "1MB");
        await UntilAsync(process, copy, 10);
        await process.SignalAsync(signal);
        var answer = (await process.EndAsync()).Expect(130);
        Assert.Equal("Interrupted", answer.Json.GetProperty("status").GetString());
        Tree.AssertWhole(sample.Path, copy);
        Assert.True(Tree.Keys(copy).Length < Tree.Keys(sample.Path).Length);

        var resumed = (await WorkerProcess.RunAsync("sync", "--source", sample.Path, "--destination", copy, "--json")).Expect(0);
        Assert.InRange(resumed.Count("unchanged"), 10, int.MaxValue);
        Tree.AssertEqual(sample.Path, copy);
    }

    [Fact]
    public async Task Killed_twenty_times_at_random_points_nothing_is_lost()
    {
        const int Kills = 20;
        var total = Tree.Keys(sample.Path).Length;
        var midway = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            var copy = Directory.CreateDirectory(_directory[$"copy{kill}"]).FullName;
            // By the number of files, not by time: a slow machine is hit at random points as well, links included. The limit keeps the
            // blobs in the air long enough to be hit.
            var point = Random.Shared.Next(0, total);
            using (var process = WorkerProcess.Start(NoEnvironment, "sync", "--source", sample.Path, "--destination", copy, "--bytes-per-second", "40MB"))
            {
                await UntilAsync(process, copy, point);
                process.Kill();
                await process.EndAsync();
            }

            var left = Tree.Keys(copy).Length;
            midway += left > 0 && left < total ? 1 : 0;
            Tree.AssertWhole(sample.Path, copy);

            (await WorkerProcess.RunAsync("sync", "--source", sample.Path, "--destination", copy)).Expect(0);
            Tree.AssertEqual(sample.Path, copy);
            (await WorkerProcess.RunAsync("audit", "--store", copy, "--source", sample.Path, "--deep")).Expect(0);
            Directory.Delete(copy, recursive: true);
        }

        Assert.True(midway >= Kills / 2, $"Only {midway} of {Kills} kills hit a run midway.");
    }

    private static async Task UntilAsync(WorkerProcess process, string copy, int files)
    {
        while (!process.HasExited && Tree.Keys(copy).Length < files)
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, TestContext.Current.CancellationToken);
    }
}
