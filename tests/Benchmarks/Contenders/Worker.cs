using RegistryMigration.Benchmarks.Running;
using RegistryMigration.Benchmarks.Servers;

namespace RegistryMigration.Benchmarks.Contenders;

/// <summary>This project's worker with its defaults.</summary>
/// <param name="program">The published program.</param>
internal sealed class Worker(string program) : Contender("registry-migration")
{
    /// <inheritdoc />
    public override bool IsOurs => true;

    /// <inheritdoc />
    public override string Family => "registry-migration";

    /// <inheritdoc />
    public override string? WhyNot => null;

    /// <summary>Publishes it as one file, as docs/worker.md says.</summary>
    /// <param name="directory">Where to.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<Worker> PublishAsync(string directory, CancellationToken cancellationToken)
    {
        await Builds.RunAsync(["publish", "src/RegistryMigration.Worker", "-c", "Release", "-r", "linux-x64", "-o", directory], cancellationToken);
        return new Worker(Path.Combine(directory, "registry-migration"));
    }

    /// <inheritdoc />
    public override async Task<string> VersionAsync(Tool tool, CancellationToken cancellationToken) =>
        "registry-migration " + await FirstLineAsync(tool, new CommandLine(program, "--version"), cancellationToken);

    /// <inheritdoc />
    public override CommandLine Copy(Place source, Place destination) => Sync(source, destination);

    /// <inheritdoc />
    public override CommandLine Mirror(Place source, Place destination) => Sync(source, destination, "--prune");

    private CommandLine Sync(Place source, Place destination, params string[] options)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        return new CommandLine(program, ["sync", .. Describe("source", source, environment), .. Describe("destination", destination, environment), .. options]) { Environment = environment };
    }

    private static IEnumerable<string> Describe(string role, Place place, Dictionary<string, string> environment)
    {
        var variable = $"REGISTRYMIGRATION_{role.ToUpperInvariant()}_";
        switch (place)
        {
            case DirectoryPlace directory:
                return [$"--{role}", directory.Path];
            case S3Place s3:
                environment[variable + "SECRET_KEY"] = s3.SecretKey;
                return [$"--{role}", "s3://" + s3.Bucket, $"--{role}-endpoint", s3.Endpoint, $"--{role}-region", s3.Region, $"--{role}-access-key", s3.AccessKey];
            case SwiftPlace swift:
                environment[variable + "PASSWORD"] = swift.Key;
                return [$"--{role}", "swift://" + swift.Container, $"--{role}-auth-url", swift.AuthUrl, $"--{role}-user-name", swift.User];
            default:
                throw new NotSupportedException($"The worker knows no {place.GetType().Name}.");
        }
    }
}
