using System.Text.Json.Nodes;
using System.Xml.Linq;
using RegistryMigration.Engine.Journal.Reports;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Journal.Reports;

public sealed class MigrationReportTests
{
    private const string Nasty = "<script>alert('x')</script>\u001b[31m\"&";
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    private static RegistryMigrationInfo Full(string text) => new()
    {
        Name = "m",
        Id = text,
        System = text,
        Server = new Uri("https://api.test:6443"),
        Namespace = text,
        ConfigurationPath = text,
        Source = text,
        Destination = text,
        CreatedBy = text,
        ModuleVersion = text,
        Created = Start,
        JournalPath = text,
        NextStep = text,
        Window = new WindowPrediction(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(1), 1, 1, text),
        Steps =
        [
            new MigrationStep { Id = text, Action = text, Target = text, State = MigrationStepState.Done, Started = Start, Finished = Start.AddMinutes(1), By = text, Before = new JsonObject { [text] = text }, After = new JsonObject { ["a"] = text }, Proof = text, Forced = text, NoReturn = text },
            new MigrationStep { Id = "Two", Action = text, Target = text, State = MigrationStepState.Failed, Started = Start, By = text, Error = text },
        ],
        Passes =
        [
            new MigrationPass { Number = 1, Status = SyncStatus.CompletedWithDefects, Source = text, Destination = text, By = text, StartedAt = Start, Duration = TimeSpan.FromSeconds(90), CopiedBytes = 300 << 20, Defects = new Dictionary<string, int> { [text] = 3 }, Samples = [new ThroughputSample(1, 1 << 20), new ThroughputSample(80, 9 << 20), new ThroughputSample(90, 0)] },
        ],
    };

    private static string Render(RegistryMigrationInfo migration) => MigrationReport.Render(migration, Start.AddDays(1), "0.1.0");

    [Fact]
    public void Whatever_a_journal_holds_is_escaped()
    {
        var page = Render(Full(Nasty));

        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\u001b", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_needs_nothing_from_anywhere()
    {
        var page = Render(Full("x"));

        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", page, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", page, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme: dark", page, StringComparison.Ordinal);
        Assert.Contains("@media print", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_elements_are_closed()
    {
        // With the void elements closed it is XML, which checks every other one.
        var page = System.Text.RegularExpressions.Regex.Replace(Render(Full(Nasty)), "<meta ([^>]*)>", "<meta $1/>").Replace("<!DOCTYPE html>", "", StringComparison.Ordinal);

        var html = XElement.Parse(page);

        Assert.Equal("Migration m", html.Element("head")!.Element("title")!.Value);
        var curve = Assert.Single(html.Descendants("polyline"));
        Assert.Equal(3, curve.Attribute("points")!.Value.Split(' ').Length);
        Assert.All(curve.Attribute("points")!.Value.Split(' '), point =>
        {
            var parts = point.Split(',').Select(part => double.Parse(part, System.Globalization.CultureInfo.InvariantCulture)).ToList();
            Assert.InRange(parts[0], 60, 720);
            Assert.InRange(parts[1], 8, 138);
        });
    }

    [Fact]
    public void It_says_how_to_undo_and_what_is_lost()
    {
        Assert.Contains("Undo-RegistryMigration m -Force", Render(Full("images were pushed")), StringComparison.Ordinal);
        var lossless = Render(Full("x") with { Steps = [] });
        Assert.Contains("An undo brings back exactly what was there.", lossless, StringComparison.Ordinal);
        Assert.DoesNotContain("-Force", lossless, StringComparison.Ordinal);
        Assert.Contains("No step was recorded.", lossless, StringComparison.Ordinal);
    }

    [Fact]
    public void A_migration_without_passes_has_a_page_too()
    {
        var page = Render(Full("x") with { Passes = [], Window = null, State = MigrationState.Undone });

        Assert.Contains("No pass was recorded.", page, StringComparison.Ordinal);
        Assert.Contains("Everything was undone", page, StringComparison.Ordinal);
    }
}
