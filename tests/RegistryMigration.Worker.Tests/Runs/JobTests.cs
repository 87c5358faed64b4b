using System.Text;
using RegistryMigration.Model;
using RegistryMigration.Worker.Output;
using RegistryMigration.Worker.Tests.Support;

namespace RegistryMigration.Worker.Tests.Runs;

/// <summary>What Jobs of a cluster rely on: last words, exit codes, short logs.</summary>
public sealed class JobTests(SampleFixture sample) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_result_is_left_as_last_words()
    {
        // As a container finds it: a file that is there, with something longer in it.
        var message = _directory.Write("termination-log", new string('x', 10_000));
        var environment = new Dictionary<string, string> { ["REGISTRYMIGRATION_TERMINATION_MESSAGE"] = message };
        var run = (await WorkerProcess.RunAsync(environment, "sync", "--source", sample.Path, "--destination", _directory["copy"], "--initialize", "--json")).Expect(0);
        var words = SyncResult.FromJson(await File.ReadAllTextAsync(message, TestContext.Current.CancellationToken));
        Assert.Equal(SyncStatus.Completed, words.Status);
        Assert.Equal(run.Count("copied"), words.Copied);
        Assert.Equal(words.Copied, SyncResult.FromJson(run.Output).Copied);
    }

    [Fact]
    public async Task Last_words_that_can_not_be_written_are_a_warning()
    {
        var run = (await WorkerProcess.RunAsync("sync", "--source", sample.Path, "--destination", _directory["copy"], "--initialize", "--termination-message", _directory["no/such/file"])).Expect(0);
        Assert.Contains("termination message", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accepted_defects_are_no_failure_and_still_in_the_result()
    {
        var source = _directory["source"];
        (await WorkerProcess.RunAsync("sync", "--source", sample.Path, "--destination", source, "--initialize")).Expect(0);
        var blob = Tree.Keys(source).MaxBy(key => new FileInfo(Path.Combine(source, key)).Length)!;
        await File.AppendAllTextAsync(Path.Combine(source, blob), "broken", TestContext.Current.CancellationToken);
        (await WorkerProcess.RunAsync("sync", "--source", source, "--destination", _directory["strict"], "--initialize")).Expect(3);
        var run = (await WorkerProcess.RunAsync("sync", "--source", source, "--destination", _directory["lenient"], "--initialize", "--accept-defects", "--json")).Expect(0);
        Assert.Equal("CompletedWithDefects", run.Json.GetProperty("status").GetString());
    }

    [Fact]
    public async Task An_interval_thins_out_progress()
    {
        async Task<int> LinesAsync(string copy, params string[] more)
        {
            var run = (await WorkerProcess.RunAsync(["sync", "--source", sample.Path, "--destination", _directory[copy], "--initialize", "--progress", "json", .. more])).Expect(0);
            return run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(line => line.StartsWith("{\"phase\"", StringComparison.Ordinal));
        }

        Assert.Equal(1, await LinesAsync("one", "--progress-interval", "1h"));
        Assert.True(await LinesAsync("all") > 1);
    }

    [Fact]
    public void Last_words_fit_however_much_failed()
    {
        var result = new SyncResult
        {
            Source = new RegistryStore("/registry"),
            Destination = new RegistryStore("swift://images"),
            Status = SyncStatus.Failed,
            Failed = 900,
            Failures = [.. Enumerable.Range(0, 900).Select(i => new SyncFailure($"blobs/sha256/{i}", Party.Target, StoreErrorKind.Denied, new string('ä', 5000)))],
            Defects = [.. Enumerable.Range(0, 50).Select(i => new StoreDefect(DefectKind.WrongDigest, $"blobs/{i}", "broken"))],
        };
        var text = TerminationMessage.Of(result);
        Assert.InRange(Encoding.UTF8.GetByteCount(text), 500, TerminationMessage.Limit);
        var words = SyncResult.FromJson(text);
        Assert.Equal(900, words.Failed);
        Assert.NotEmpty(words.Failures);
        Assert.DoesNotContain('\n', text);
    }
}
