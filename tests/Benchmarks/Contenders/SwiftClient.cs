using RegistryMigration.Benchmarks.Running;
using RegistryMigration.Benchmarks.Servers;

namespace RegistryMigration.Benchmarks.Contenders;

/// <summary><c>swift upload</c> with many threads.</summary>
/// <param name="variant">What is special about this way, for tables; empty for none.</param>
/// <param name="flags">Flags besides the tuned ones.</param>
internal sealed class SwiftClient(string variant, params string[] flags) : Contender(variant.Length == 0 ? "swift upload" : "swift upload " + variant)
{
    // Segments, since a layer above 5 GiB fails without; leaving older segments alone saves a HEAD for each object, and there are none.
    private static readonly string[] Tuned = ["--object-threads", "64", "--segment-threads", "64", "--segment-size", "1073741824", "--leave-segments"];

    /// <inheritdoc />
    public override string Family => "swift";

    /// <inheritdoc />
    public override string? WhyNot => MissingUnlessOnPath("swift");

    /// <inheritdoc />
    public override Task<string> VersionAsync(Tool tool, CancellationToken cancellationToken) => FirstLineAsync(tool, new CommandLine("swift", "--version"), cancellationToken);

    /// <inheritdoc />
    public override CommandLine Copy(Place source, Place destination)
    {
        if ((source, destination) is not (DirectoryPlace from, SwiftPlace to))
            throw Unsupported(source, destination);
        return new CommandLine("swift", ["--quiet", "upload", .. Tuned, .. flags, "--object-name", SwiftPlace.Root + "/docker", to.Container, Path.Combine(from.Path, "docker")])
        {
            Environment = new Dictionary<string, string> { ["ST_AUTH"] = to.AuthUrl, ["ST_USER"] = to.User, ["ST_KEY"] = to.Key },
        };
    }
}
