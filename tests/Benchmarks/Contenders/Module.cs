using RegistryMigration.Benchmarks.Running;
using RegistryMigration.Benchmarks.Servers;

namespace RegistryMigration.Benchmarks.Contenders;

/// <summary>This project's cmdlet with its defaults, in a PowerShell that starts for it.</summary>
/// <param name="manifest">The built module's manifest.</param>
internal sealed class Module(string manifest) : Contender("Sync-RegistryBlobs")
{
    private const string PowerShell = "pwsh";

    /// <inheritdoc />
    public override bool IsOurs => true;

    /// <inheritdoc />
    public override string Family => "registry-migration";

    /// <inheritdoc />
    public override string? WhyNot => MissingUnlessOnPath(PowerShell);

    /// <summary>Where a build leaves its manifest.</summary>
    public static string Manifest { get; } =
        Path.Combine(Repository.Root, "output", "RegistryMigration", typeof(Module).Assembly.GetName().Version!.ToString(3), "RegistryMigration.psd1");

    /// <summary>Builds it for use.</summary>
    public static Task BuildAsync(CancellationToken cancellationToken) => Builds.RunAsync(["build", "src/RegistryMigration", "-c", "Release"], cancellationToken);

    /// <inheritdoc />
    public override async Task<string> VersionAsync(Tool tool, CancellationToken cancellationToken) =>
        $"RegistryMigration {Path.GetFileName(Path.GetDirectoryName(manifest))} in {await FirstLineAsync(tool, new CommandLine(PowerShell, "--version"), cancellationToken)}";

    /// <inheritdoc />
    public override CommandLine Copy(Place source, Place destination) => Sync(source, destination, "");

    /// <inheritdoc />
    public override CommandLine Mirror(Place source, Place destination) => Sync(source, destination, " -Prune -Force");

    private CommandLine Sync(Place source, Place destination, string options)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        var script = $"$ErrorActionPreference = 'Stop'; Import-Module {Literal(manifest)}; "
            + $"{Store("SOURCE", source, environment)} | Sync-RegistryBlobs -Destination {Store("DESTINATION", destination, environment)}{options} | Out-Null";
        return new CommandLine(PowerShell, "-NoProfile", "-NonInteractive", "-Command", script) { Environment = environment };
    }

    private static string Store(string role, Place place, Dictionary<string, string> environment)
    {
        switch (place)
        {
            case DirectoryPlace directory:
                return $"(New-RegistryStore {Literal(directory.Path)})";
            case S3Place s3:
                environment[role + "_SECRET"] = s3.SecretKey;
                return $"(New-RegistryStore s3://{s3.Bucket} -Endpoint {s3.Endpoint} -Region {s3.Region} -Credential {Credential(s3.AccessKey, role)})";
            case SwiftPlace swift:
                environment[role + "_SECRET"] = swift.Key;
                return $"(New-RegistryStore swift://{swift.Container} -AuthUrl {swift.AuthUrl} -Credential {Credential(swift.User, role)})";
            default:
                throw new NotSupportedException($"The module knows no {place.GetType().Name}.");
        }
    }

    private static string Credential(string user, string role) =>
        $"([pscredential]::new({Literal(user)}, (ConvertTo-SecureString $env:{role}_SECRET -AsPlainText -Force)))";

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
