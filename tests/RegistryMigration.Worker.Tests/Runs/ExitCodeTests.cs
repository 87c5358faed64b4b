using RegistryMigration.Worker.Tests.Support;

namespace RegistryMigration.Worker.Tests.Runs;

public sealed class ExitCodeTests(SampleFixture sample) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Copy => _directory["copy"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_sync_copies_everything_and_a_second_one_nothing()
    {
        var first = (await WorkerProcess.RunAsync("sync", "--source", sample.Path, "--destination", Copy, "--initialize", "--json")).Expect(0);
        Tree.AssertEqual(sample.Path, Copy);
        Assert.Equal("Completed", first.Json.GetProperty("status").GetString());
        Assert.Equal(Tree.Keys(Copy).Length, first.Count("copied"));

        var second = (await WorkerProcess.RunAsync("sync", "--source", sample.Path, "--destination", Copy, "--json")).Expect(0);
        Assert.Equal(0, second.Count("copied"));
        Assert.Equal(first.Count("copied"), second.Count("unchanged"));
        Assert.Empty(second.Error);
    }

    [Fact]
    public async Task Audit_and_measure_read_what_was_copied()
    {
        (await WorkerProcess.RunAsync("sync", "--source", sample.Path, "--destination", Copy, "--initialize")).Expect(0);
        var audit = (await WorkerProcess.RunAsync("audit", "--store", Copy, "--source", sample.Path, "--deep", "--json")).Expect(0);
        Assert.Equal(sample.Summary.Tags, audit.Count("tags"));
        Assert.Equal(sample.Summary.BlobBytes, audit.Count("hashedBytes"));
        var measure = (await WorkerProcess.RunAsync("measure", "--store", Copy, "--json")).Expect(0);
        Assert.Equal(sample.Summary.Repositories, measure.Json.GetProperty("repositories").GetArrayLength());
        var text = (await WorkerProcess.RunAsync("measure", "--store", Copy)).Expect(0);
        Assert.Contains("data/model", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Broken_content_at_the_source_is_3_and_the_rest_is_copied()
    {
        (await WorkerProcess.RunAsync("sync", "--source", sample.Path, "--destination", _directory["source"], "--initialize")).Expect(0);
        // A layer: manifests are read by every audit, layers only by a deep one.
        var blob = Tree.Keys(_directory["source"]).MaxBy(key => new FileInfo(_directory[$"source/{key}"]).Length)!;
        var bytes = await File.ReadAllBytesAsync(_directory[$"source/{blob}"], TestContext.Current.CancellationToken);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(_directory[$"source/{blob}"], bytes, TestContext.Current.CancellationToken);

        var sync = (await WorkerProcess.RunAsync("sync", "--source", _directory["source"], "--destination", Copy, "--initialize", "--json")).Expect(3);
        Assert.Equal("CompletedWithDefects", sync.Json.GetProperty("status").GetString());
        Assert.Equal("WrongDigest", sync.Json.GetProperty("defects")[0].GetProperty("kind").GetString());
        Assert.False(File.Exists(Path.Combine(Copy, blob)));
        Tree.AssertWhole(sample.Path, Copy);
        (await WorkerProcess.RunAsync("audit", "--store", Copy)).Expect(3);
        (await WorkerProcess.RunAsync("audit", "--store", _directory["source"])).Expect(0);
        (await WorkerProcess.RunAsync("audit", "--store", _directory["source"], "--deep")).Expect(3);
    }

    [Theory]
    [InlineData]
    [InlineData("snyc")]
    [InlineData("sync")]
    [InlineData("sync", "--source")]
    [InlineData("sync", "--source", "a", "--destination", "b", "--concurrency", "0")]
    [InlineData("sync", "--source", "a", "--destination", "b", "--prune", "--shards", "0/2")]
    [InlineData("sync", "--source", "a", "--destination", "b", "--shards", "2/2")]
    [InlineData("sync", "--source", "a", "--destination", "b", "--config", "/does/not/exist")]
    [InlineData("sync", "--source", "ftp://a", "--destination", "b")]
    [InlineData("audit", "--store", "a", "--prune")]
    [InlineData("demo", "--directory", "/")]
    public async Task Wrong_use_is_2_with_one_line(params string[] arguments)
    {
        var answer = (await WorkerProcess.RunAsync(arguments)).Expect(2);
        Assert.Empty(answer.Output);
        Assert.StartsWith("error: ", answer.Error, StringComparison.Ordinal);
        Assert.Equal(1, answer.Error.Count(c => c == '\n'));
    }

    [Fact]
    public async Task An_unknown_key_in_the_configuration_file_is_2() =>
        Assert.Contains("'sorce'", (await WorkerProcess.RunAsync("sync", "--config", _directory.Write("file.json", """{ "sorce": "a" }"""))).Expect(2).Error, StringComparison.Ordinal);

    [Fact]
    public async Task A_store_that_is_not_there_is_1()
    {
        Directory.CreateDirectory(_directory["empty"]);
        Assert.Contains("no registry", (await WorkerProcess.RunAsync("sync", "--source", _directory["empty"], "--destination", Copy)).Expect(1).Error, StringComparison.Ordinal);
        Assert.Contains("does not exist", (await WorkerProcess.RunAsync("measure", "--store", _directory["missing"])).Expect(1).Error, StringComparison.Ordinal);
        Assert.Contains("--initialize", (await WorkerProcess.RunAsync("sync", "--source", sample.Path, "--destination", Copy)).Expect(1).Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Copy));
    }

    [Fact]
    public async Task The_demo_tells_what_happened_and_cleans_up_on_request()
    {
        var demo = (await WorkerProcess.RunAsync("demo", "--directory", _directory["demo"])).Expect(0);
        Assert.Contains("The second pass found nothing to do.", demo.Output, StringComparison.Ordinal);
        Assert.Contains($"audit --store {_directory["demo/migrated"]}", demo.Output, StringComparison.Ordinal);
        Tree.AssertEqual(_directory["demo/registry"], _directory["demo/migrated"]);
        (await WorkerProcess.RunAsync("demo", "--directory", _directory["clean"], "--clean")).Expect(0);
        Assert.False(Directory.Exists(_directory["clean"]));
    }

    [Fact]
    public async Task Progress_is_json_lines_where_asked_for()
    {
        var answer = (await WorkerProcess.RunAsync("sync", "--source", sample.Path, "--destination", Copy, "--initialize", "--json", "--progress", "json")).Expect(0);
        var lines = answer.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(answer.Count("copied"), lines[^1].GetProperty("copied").GetInt64());
        (await WorkerProcess.RunAsync("sync", "--source", sample.Path, "--destination", Copy, "--progress-file", _directory["progress"])).Expect(0);
        Assert.Contains("\"unchanged\":", await File.ReadAllTextAsync(_directory["progress"], TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shards_together_are_one_full_run()
    {
        Directory.CreateDirectory(Copy);
        var copied = 0L;
        foreach (var phase in (string[])["blobs", "links"])
        {
            for (var shard = 0; shard < 3; shard++)
            {
                var part = (await WorkerProcess.RunAsync("sync", "--source", sample.Path, "--destination", Copy, "--json", "--phases", phase, "--shards", $"{shard}/3")).Expect(0);
                Assert.InRange(part.Count("copied"), 0, Tree.Keys(sample.Path).Length - 1);
                copied += part.Count("copied");
            }
        }

        Tree.AssertEqual(sample.Path, Copy);
        Assert.Equal(Tree.Keys(sample.Path).Length, copied);
    }
}
