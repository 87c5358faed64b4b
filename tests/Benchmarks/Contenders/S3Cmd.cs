using RegistryMigration.Benchmarks.Running;
using RegistryMigration.Benchmarks.Servers;

namespace RegistryMigration.Benchmarks.Contenders;

/// <summary><c>s3cmd sync</c>. It has no setting for transfers at a time; comparing sizes only saves it reading the source for MD5s.</summary>
/// <param name="scratch">Where its configuration file goes.</param>
internal sealed class S3Cmd(string scratch) : Contender("s3cmd sync --no-check-md5")
{
    /// <inheritdoc />
    public override string Family => "s3cmd";

    /// <inheritdoc />
    public override string? WhyNot => MissingUnlessOnPath("s3cmd");

    /// <inheritdoc />
    public override Task<string> VersionAsync(Tool tool, CancellationToken cancellationToken) => FirstLineAsync(tool, new CommandLine("s3cmd", "--version"), cancellationToken);

    /// <inheritdoc />
    public override CommandLine Copy(Place source, Place destination)
    {
        if ((source, destination) is not (DirectoryPlace from, S3Place to))
            throw Unsupported(source, destination);
        var host = new Uri(to.Endpoint).Authority;
        Directory.CreateDirectory(scratch);
        var file = Path.Combine(scratch, "s3cmd.config");
        File.WriteAllText(file, $"""
            [default]
            host_base = {host}
            host_bucket = {host}
            bucket_location = {to.Region}
            use_https = False
            """);
        // The slash makes it the directory's content.
        return new CommandLine("s3cmd", "--config", file, "sync", "--no-check-md5", "--no-progress", "--quiet", from.Path + "/", $"s3://{to.Bucket}/")
        {
            Environment = new Dictionary<string, string> { ["AWS_ACCESS_KEY_ID"] = to.AccessKey, ["AWS_SECRET_ACCESS_KEY"] = to.SecretKey },
        };
    }
}
