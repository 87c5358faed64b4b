using RegistryMigration.Benchmarks.Running;
using RegistryMigration.Benchmarks.Servers;
using RegistryMigration.Benchmarks.Workloads;

namespace RegistryMigration.Benchmarks.Tests.Running;

public sealed class CommandLineTests
{
    [Fact]
    public void Quotes_what_a_shell_would_take_apart() =>
        Assert.Equal(@"A='b c' tool plain 'two words' 'it'\''s' ''", new CommandLine("tool", "plain", "two words", "it's", "") { Environment = new Dictionary<string, string> { ["A"] = "b c" } }.ToString());

    [Fact]
    public void No_contender_shows_a_secret()
    {
        var scratch = Directory.CreateTempSubdirectory("benchmarks-tests-").FullName;
        try
        {
            var catalog = new WorkloadCatalog(new Contenders.Worker("worker"), new Contenders.Module("module"), scratch, shape => shape);
            var commands = catalog.All().SelectMany(workload => workload.Entries.Select(entry => entry.Contender.Copy(Place(workload.Pair.From), Place(workload.Pair.To)).ToString())).ToList();
            Assert.All(commands, command => Assert.DoesNotContain("hidden", command, StringComparison.Ordinal));
            Assert.Contains(commands, command => command.Contains("=***", StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private static Place Place(StorageKind kind) => kind switch
    {
        StorageKind.S3 => new S3Place("http://127.0.0.1:1", "region", "bucket", "user", "hidden"),
        StorageKind.Swift => new SwiftPlace("http://127.0.0.1:1/auth/v1.0", "user", "hidden", "container"),
        _ => new DirectoryPlace("/directory"),
    };
}
