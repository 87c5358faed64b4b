using System.Security.Cryptography;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Model;
using RegistryMigration.Worker.Tests.Support;

namespace RegistryMigration.Worker.Tests.Runs;

/// <summary>A killed run into a real server goes on inside the large object that it was sending.</summary>
public sealed class KilledOnServersTests(LabFixture lab) : IDisposable
{
    private const long BlobBytes = 120L << 20;
    private const long PartBytes = 5L << 20;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_multipart_upload_to_S3_goes_on_by_part()
    {
        await lab.RequireAsync("ceph");
        var environment = new Dictionary<string, string>
        {
            ["AWS_ACCESS_KEY_ID"] = lab.Ceph.AccessKey,
            ["AWS_SECRET_ACCESS_KEY"] = lab.Ceph.SecretKey,
        };
        var size = PartBytes.ToString(System.Globalization.CultureInfo.InvariantCulture);
        await KillAndResumeAsync(environment, $"s3://killed-{Guid.NewGuid():n}",
            "-endpoint", lab.Ceph.Endpoint.ToString(), "-region", lab.Ceph.Region, "-part-size", size, "-multipart-threshold", size);
    }

    [Fact]
    public async Task A_large_object_of_Swift_goes_on_by_segment()
    {
        await lab.RequireAsync("swift");
        var environment = new Dictionary<string, string>
        {
            ["REGISTRYMIGRATION_DESTINATION_PASSWORD"] = lab.Swift.Key,
            ["REGISTRYMIGRATION_STORE_PASSWORD"] = lab.Swift.Key,
        };
        await KillAndResumeAsync(environment, $"swift://killed-{Guid.NewGuid():n}",
            "-auth-url", lab.Swift.AuthUrl.ToString(), "-user-name", lab.Swift.User, "-segment-size", PartBytes.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    private async Task KillAndResumeAsync(Dictionary<string, string> environment, string address, params string[] store)
    {
        var source = await LargeBlobAsync();
        var progress = _directory["progress.jsonl"];
        string[] sync = ["sync", "--source", source, "--destination", address, .. Named("--destination", store), "--initialize", "--json", "--progress", "json", "--progress-file", progress];
        using (var process = WorkerProcess.Start(environment, [.. sync, "--bytes-per-second", "40MB"]))
        {
            while (!process.HasExited && await CopiedAsync(progress) < BlobBytes * 3 / 5)
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
            Assert.False(process.HasExited, "The run ended before it could be killed.");
            process.Kill();
            await process.EndAsync();
        }

        var resumed = (await WorkerProcess.RunAsync(environment, sync)).Expect(0);
        Assert.Equal(1, resumed.Count("copied"));
        // Three fifths were read when it was killed; parts in flight and in memory then are sent again.
        Assert.InRange(resumed.Json.GetProperty("destinationTraffic").GetProperty("bytesWritten").GetInt64(), PartBytes, BlobBytes * 3 / 4);
        (await WorkerProcess.RunAsync(environment, ["audit", "--store", address, .. Named("--store", store), "--deep"])).Expect(0);
    }

    private static IEnumerable<string> Named(string prefix, string[] options) =>
        options.Select((option, at) => at % 2 == 0 ? prefix + option : option);

    private async Task<string> LargeBlobAsync()
    {
        var content = new byte[BlobBytes];
        new Random(7).NextBytes(content);
        Assert.True(Digest.TryCreate("sha256", Convert.ToHexString(SHA256.HashData(content)).ToLowerInvariant(), out var digest));
        var path = Path.Combine(_directory["large"], "docker/registry/v2", DistributionLayout.Instance.BlobKey(digest));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync(path, content, TestContext.Current.CancellationToken);
        return _directory["large"];
    }

    // The file is being written: the last whole line counts.
    private static async Task<long> CopiedAsync(string progress)
    {
        if (!File.Exists(progress))
            return 0;
        await using var stream = new FileStream(progress, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        var lines = (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n');
        return lines.Length < 2 ? 0 : System.Text.Json.JsonDocument.Parse(lines[^2]).RootElement.GetProperty("copiedBytes").GetInt64();
    }
}
