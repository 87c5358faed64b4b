using RegistryMigration.Commands.Migrations;
using RegistryMigration.Migrations;

namespace RegistryMigration.Tests.Migrations;

public sealed class JournalPlacesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("places-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_journal_is_the_file_that_is_given_or_named_for_its_migration()
    {
        Assert.Equal("/x/other.jsonl", JournalPlaces.File("/x/other.jsonl", "m"));
        Assert.Equal(Path.Combine("/x", "m.jsonl"), JournalPlaces.File("/x", "m"));
        Assert.Equal(Path.Combine(JournalPlaces.DefaultFolder, "m.jsonl"), JournalPlaces.File(null, "m"));
        Assert.EndsWith("registry-migration", JournalPlaces.DefaultFolder, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_journals_are_listed()
    {
        foreach (var name in new[] { "b.jsonl", "a.jsonl", "a.jsonl.lock", "a.jsonl.torn", "a.jsonl.holder", "notes.txt" })
            File.WriteAllText(Path.Combine(_folder.FullName, name), "");

        Assert.Equal(["a.jsonl", "b.jsonl"], JournalPlaces.Files(_folder.FullName).Select(Path.GetFileName));
        Assert.Equal(["a.jsonl"], JournalPlaces.Files(Path.Combine(_folder.FullName, "a.jsonl")).Select(Path.GetFileName));
        Assert.Empty(JournalPlaces.Files(Path.Combine(_folder.FullName, "missing.jsonl")));
        Assert.Empty(JournalPlaces.Files(Path.Combine(_folder.FullName, "missing")));
    }

    [Fact]
    public void Parameters_reach_the_migration()
    {
        using var command = new NewRegistryMigrationCommand { Name = "m", Namespace = "ns", Path = "config.yaml", System = "Quay", JournalPath = "journals" };

        var inCluster = command.ToMigration(standalone: false, path => path is null ? null : "/resolved/" + path);
        var standalone = command.ToMigration(standalone: true, path => path is null ? null : "/resolved/" + path);

        Assert.Equal(("m", "ns", Path.Combine("/resolved/journals", "m.jsonl")), (inCluster.Place.Name, inCluster.Place.Namespace, inCluster.Place.JournalPath));
        Assert.Null(inCluster.ConfigurationPath);
        Assert.Equal("/resolved/config.yaml", standalone.ConfigurationPath);
        Assert.Null(standalone.Place.Namespace);
        Assert.Equal("Quay", standalone.System);
    }

    [Fact]
    public void A_name_that_can_be_none_is_refused()
    {
        using var command = new NewRegistryMigrationCommand { Name = "../x" };

        Assert.Throws<FormatException>(() => command.ToMigration(standalone: true, path => path));
    }
}
