using RegistryMigration.Benchmarks.Running;
using RegistryMigration.Benchmarks.Servers;

namespace RegistryMigration.Benchmarks.Contenders;

/// <summary>rclone with many transfers at a time.</summary>
/// <param name="variant">What is special about this way, for tables; empty for none.</param>
/// <param name="flags">Flags besides the tuned ones.</param>
internal sealed class Rclone(string variant, params string[] flags) : Contender(variant.Length == 0 ? "rclone" : "rclone " + variant)
{
    // https://rclone.org/docs/#transfers-int, https://rclone.org/docs/#fast-list
    private static readonly string[] Tuned = ["--transfers", "64", "--checkers", "64", "--fast-list"];

    /// <inheritdoc />
    public override string Family => "rclone";

    /// <inheritdoc />
    public override string? WhyNot => MissingUnlessOnPath("rclone");

    /// <inheritdoc />
    public override Task<string> VersionAsync(Tool tool, CancellationToken cancellationToken) => FirstLineAsync(tool, new CommandLine("rclone", "version"), cancellationToken);

    /// <inheritdoc />
    public override CommandLine Copy(Place source, Place destination) => Run("copy", source, destination, flags);

    /// <inheritdoc />
    public override CommandLine Mirror(Place source, Place destination) => Run("sync", source, destination, ["--checksum"]);

    private static CommandLine Run(string verb, Place source, Place destination, string[] flags)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["RCLONE_CONFIG"] = "/dev/null" };
        return new CommandLine("rclone", [verb, Remote("SRC", source, environment), Remote("DST", destination, environment), .. Tuned, .. flags]) { Environment = environment };
    }

    private static string Remote(string name, Place place, Dictionary<string, string> environment)
    {
        void Set(params (string Key, string Value)[] settings)
        {
            foreach (var (key, value) in settings)
                environment[$"RCLONE_CONFIG_{name}_{key}"] = value;
        }

        switch (place)
        {
            case DirectoryPlace directory:
                return directory.Path;
            case S3Place s3:
                Set(("TYPE", "s3"), ("PROVIDER", "Ceph"), ("ENDPOINT", s3.Endpoint), ("REGION", s3.Region), ("ACCESS_KEY_ID", s3.AccessKey), ("SECRET_ACCESS_KEY", s3.SecretKey));
                return $"{name}:{s3.Bucket}";
            case SwiftPlace swift:
                Set(("TYPE", "swift"), ("AUTH", swift.AuthUrl), ("AUTH_VERSION", "1"), ("USER", swift.User), ("KEY", swift.Key));
                return $"{name}:{swift.Container}/{SwiftPlace.Root}";
            default:
                throw new NotSupportedException($"No remote for {place.GetType().Name}.");
        }
    }
}
