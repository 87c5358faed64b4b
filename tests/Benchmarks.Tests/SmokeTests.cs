using System.CommandLine;
using RegistryMigration.Benchmarks.Commands;
using RegistryMigration.Benchmarks.Reporting;
using RegistryMigration.Benchmarks.Running;
using RegistryMigration.Benchmarks.Servers;

namespace RegistryMigration.Benchmarks.Tests;

/// <summary>Runs some workloads on a tiny tree with the worker alone, so that the harness works on the day it is needed.</summary>
public sealed class SmokeTests : IDisposable
{
    private readonly string _work = Directory.CreateTempSubdirectory("benchmarks-tests-").FullName;

    [Fact]
    public async Task Runs_and_counts_what_has_to_be_sent()
    {
        var cancellation = TestContext.Current.CancellationToken;
        if ((MeasuredRun.WhyNot ?? Lab.WhyNot) is { } whyNot)
            Assert.Skip(whyNot);
        if (string.Equals(Environment.GetEnvironmentVariable("REGISTRYMIGRATION_LAB"), "off", StringComparison.OrdinalIgnoreCase))
            Assert.Skip("REGISTRYMIGRATION_LAB=off: this test needs real servers");
        string[] workloads = ["directory-s3", "directory-swift", "change-directory-s3", "killed-directory-s3"];
        var worker = Path.Combine(AppContext.BaseDirectory, "registry-migration");
        await using var output = new StringWriter();
        await using var errors = new StringWriter();
        var run = new RunCommand().Parse(["--smoke", "--work", _work, "--worker", worker, "--contender", "registry-migration", "--workload", .. workloads]);
        var exitCode = await run.InvokeAsync(new InvocationConfiguration { Output = output, Error = errors }, cancellation);

        Assert.True(exitCode == 0, errors.ToString());
        var results = await ResultFiles.LoadAsync(Path.Combine(_work, "results"), workloads, cancellation);
        Assert.Equal(workloads, results.Select(result => result.Workload));
        Assert.All(results, result => Assert.All(result.Contenders, contender => Assert.Null(contender.Failure)));
        Assert.All(workloads, workload => Assert.Contains($"## {workload}", output.ToString(), StringComparison.Ordinal));
        // What a copy has to send is known to the byte: so the servers' counters tell the truth.
        foreach (var copy in results.Take(2))
        {
            var only = Assert.Single(Assert.Single(copy.Contenders).Runs);
            Assert.Equal(copy.Tree.Bytes - copy.Tree.UploadBytes, only.BytesReceived);
            Assert.InRange(only.Requests ?? 0, copy.Tree.Files - copy.Tree.UploadFiles, 1.1 * copy.Tree.Files);
            Assert.True(only.WallSeconds > 0 && only.UserSeconds > 0 && only.PeakMiB > 10);
        }
    }

    public void Dispose() => Directory.Delete(_work, recursive: true);
}
