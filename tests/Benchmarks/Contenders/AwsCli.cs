using RegistryMigration.Benchmarks.Running;
using RegistryMigration.Benchmarks.Servers;

namespace RegistryMigration.Benchmarks.Contenders;

/// <summary><c>aws s3 sync</c> with many requests at a time.</summary>
/// <param name="scratch">Where its configuration file goes.</param>
internal sealed class AwsCli(string scratch) : Contender("aws s3 sync")
{
    // https://docs.aws.amazon.com/cli/latest/topic/s3-config.html. Checksums where required only: servers other than AWS ignore them.
    private const string Configuration = """
        [default]
        request_checksum_calculation = when_required
        response_checksum_validation = when_required
        s3 =
          max_concurrent_requests = 64
          max_queue_size = 10000
          addressing_style = path
        """;

    /// <inheritdoc />
    public override string Family => "aws";

    /// <inheritdoc />
    public override string? WhyNot => MissingUnlessOnPath("aws");

    /// <inheritdoc />
    public override Task<string> VersionAsync(Tool tool, CancellationToken cancellationToken) => FirstLineAsync(tool, new CommandLine("aws", "--version"), cancellationToken);

    /// <inheritdoc />
    public override CommandLine Copy(Place source, Place destination) => Sync(source, destination);

    /// <inheritdoc />
    public override CommandLine Mirror(Place source, Place destination) => Sync(source, destination, "--delete");

    private CommandLine Sync(Place source, Place destination, params string[] options)
    {
        if ((source, destination) is not (DirectoryPlace from, S3Place to))
            throw Unsupported(source, destination);
        Directory.CreateDirectory(scratch);
        var file = Path.Combine(scratch, "aws.config");
        File.WriteAllText(file, Configuration);
        return new CommandLine("aws", ["--endpoint-url", to.Endpoint, "s3", "sync", from.Path, "s3://" + to.Bucket, "--only-show-errors", .. options])
        {
            Environment = new Dictionary<string, string>
            {
                ["AWS_CONFIG_FILE"] = file,
                ["AWS_DEFAULT_REGION"] = to.Region,
                ["AWS_ACCESS_KEY_ID"] = to.AccessKey,
                ["AWS_SECRET_ACCESS_KEY"] = to.SecretKey,
            },
        };
    }
}
