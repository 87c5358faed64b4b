using System.Text.Json;
using Amazon.S3;
using Amazon.S3.Model;
using RegistryMigration.Benchmarks.Running;
using RegistryMigration.Benchmarks.Trees;

namespace RegistryMigration.Benchmarks.Servers;

/// <summary>Ceph's gateway as S3 server.</summary>
internal sealed class CephServer : IStorage
{
    private readonly Tool _tool;
    private readonly Lab _lab;
    private readonly string _adminSocket;
    private readonly HashSet<string> _buckets = new(StringComparer.Ordinal);
    private JsonElement _description;

    private CephServer(Tool tool, Lab lab, string adminSocket) => (_tool, _lab, _adminSocket) = (tool, lab, adminSocket);

    /// <summary>Starts it.</summary>
    /// <param name="tool">Runs programs.</param>
    /// <param name="directory">Where its data lie.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<CephServer> StartAsync(Tool tool, string directory, CancellationToken cancellationToken)
    {
        // The path of a socket is short by nature, and the work directory's may not be.
        var adminSocket = Path.Combine(System.IO.Directory.CreateTempSubdirectory("benchmark-").FullName, "rgw");
        var lab = new Lab(tool, directory, "ceph", new Dictionary<string, string> { ["RGW_ADMIN_SOCKET"] = adminSocket });
        return new CephServer(tool, lab, adminSocket) { _description = await lab.StartAsync(cancellationToken) };
    }

    /// <inheritdoc />
    public async Task<Place> CreateAsync(string name, CancellationToken cancellationToken)
    {
        var place = new S3Place(Text("endpoint"), Text("region"), name, Text("accessKey"), Text("secretKey"));
        using var client = Client(place);
        await client.PutBucketAsync(new PutBucketRequest { BucketName = name }, cancellationToken);
        _buckets.Add(name);
        return place;
    }

    /// <inheritdoc />
    public async Task RemoveAsync(Place place, CancellationToken cancellationToken)
    {
        _buckets.Remove(((S3Place)place).Bucket);
        if (_buckets.Count == 0)
            _description = await _lab.StartAsync(cancellationToken);
    }

    /// <inheritdoc />
    public async Task<Contents> CountAsync(Place place, CancellationToken cancellationToken)
    {
        using var client = Client((S3Place)place);
        var count = default(Contents);
        var pages = client.Paginators.ListObjectsV2(new ListObjectsV2Request { BucketName = ((S3Place)place).Bucket });
        await foreach (var item in pages.S3Objects.WithCancellation(cancellationToken))
            count += new Contents(1, item.Size ?? 0);
        return count;
    }

    /// <inheritdoc />
    public async Task<string> ReadAsync(Place place, string key, CancellationToken cancellationToken)
    {
        using var client = Client((S3Place)place);
        using var answer = await client.GetObjectAsync(((S3Place)place).Bucket, key, cancellationToken);
        using var reader = new StreamReader(answer.ResponseStream);
        return await reader.ReadToEndAsync(cancellationToken);
    }

    /// <inheritdoc />
    public async Task<Traffic?> TrafficAsync(CancellationToken cancellationToken) =>
        (await CephCounters.ReadAsync(_adminSocket, cancellationToken)) with { CpuSeconds = _lab.CpuSeconds };

    /// <inheritdoc />
    public async Task<string> DescribeAsync(CancellationToken cancellationToken) =>
        "Ceph radosgw " + (await _tool.RequireAsync(new CommandLine("ceph", "--version"), cancellationToken)).Split(' ')[2];

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _lab.StopAsync(CancellationToken.None);
        System.IO.Directory.Delete(Path.GetDirectoryName(_adminSocket)!, recursive: true);
    }

    private static AmazonS3Client Client(S3Place place) => new(place.AccessKey, place.SecretKey, new AmazonS3Config
    {
        ServiceURL = place.Endpoint,
        AuthenticationRegion = place.Region,
        ForcePathStyle = true,
    });

    private string Text(string name) => _description.GetProperty(name).GetString()!;
}
