using RegistryMigration.Model;
using RegistryMigration.Worker.Configuration;
using RegistryMigration.Worker.Tests.Support;

namespace RegistryMigration.Worker.Tests.Configuration;

public sealed class PrecedenceTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly SyncSettings _sync = new();
    private readonly Dictionary<string, string> _environment = new() { ["REGISTRYMIGRATION_CONCURRENCY"] = "22", ["REGISTRYMIGRATION_REPOSITORIES"] = "team/*, shop" };

    private string ConfigurationFile => _directory.Write("file.json", """
        {
          // Everything can be given here.
          "concurrency": 33, "max-failures": 7, "prune": true, "retry-budget-per-success": 0.5,
          "repositories": ["from/file"], "stall-timeout": "5s",
        }
        """);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void An_argument_wins_over_the_environment_and_that_over_the_file()
    {
        Assert.Equal(11, _sync.Read(Given.Values(_sync, ["--concurrency", "11", "--prune", "false"], _environment, ConfigurationFile)).Concurrency);
        Assert.Equal(22, _sync.Read(Given.Values(_sync, ["--prune=false"], _environment, ConfigurationFile)).Concurrency);
        Assert.Equal(33, _sync.Read(Given.Values(_sync, ["--prune", "no"], null, ConfigurationFile)).Concurrency);
        Assert.Null(_sync.Read(Given.Values(_sync, [])).Concurrency);
    }

    [Fact]
    public void Values_of_all_kinds_come_from_the_file()
    {
        var options = _sync.Read(Given.Values(_sync, ["--prune", "false"], null, ConfigurationFile));
        Assert.Equal(7, options.MaxFailures);
        Assert.Equal(0.5, options.Retry.BudgetPerSuccess);
        Assert.Equal(TimeSpan.FromSeconds(5), options.StallTimeout);
        Assert.Equal(["from/file"], options.Repositories);
        Assert.False(options.Prune);
    }

    [Fact]
    public void Lists_are_repeated_arguments_or_commas_in_the_environment()
    {
        Assert.Equal(["a", "b", "c"], _sync.Read(Given.Values(_sync, ["--repositories", "a", "b", "--repositories", "c"], _environment)).Repositories);
        Assert.Equal(["team/*", "shop"], _sync.Read(Given.Values(_sync, [], _environment)).Repositories);
    }

    [Fact]
    public void The_defaults_are_those_of_the_engine() =>
        Assert.Equivalent(new SyncOptions(), _sync.Read(Given.Values(_sync, [])), strict: true);

    [Fact]
    public void A_bare_flag_means_yes() => Assert.True(_sync.Read(Given.Values(_sync, ["--prune"])).Prune);

    [Theory]
    [InlineData("--prune", "--shards", "0/2")]
    [InlineData("--prune", "--repositories", "a")]
    [InlineData("--prune", "--phases", "blobs")]
    public void Pruning_a_part_is_a_contradiction(params string[] arguments) =>
        Assert.Throws<UsageException>(() => _sync.Read(Given.Values(_sync, arguments)));

    [Fact]
    public void Shards_and_phases_are_read()
    {
        var options = _sync.Read(Given.Values(_sync, ["--shards", "2/5", "--phases", "links"]));
        Assert.Equal(new SyncShard(2, 5), options.Shard);
        Assert.Equal(SyncPhases.Links, options.Phases);
    }

    [Fact]
    public void Errors_name_who_gave_the_value()
    {
        _environment["REGISTRYMIGRATION_CONCURRENCY"] = "many";
        var error = Assert.Throws<UsageException>(() => _sync.Read(Given.Values(_sync, [], _environment)));
        Assert.StartsWith("REGISTRYMIGRATION_CONCURRENCY: 'many'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_file_is_refused_without_repeating_it()
    {
        var path = _directory.Write("broken.json", "{ \"source-password\": hunter2 }");
        var error = Assert.Throws<UsageException>(() => Worker.Configuration.ConfigurationFile.Load(path));
        Assert.DoesNotContain("hunter2", error.Message, StringComparison.Ordinal);
    }
}
