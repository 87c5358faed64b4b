using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal.Reports;

/// <summary>Writes down a migration as one HTML page: no script, nothing from the network, readable on paper and on a dark screen.</summary>
/// <remarks>Everything that comes from a journal is data from outside and is escaped.</remarks>
public static class MigrationReport
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The page.</summary>
    /// <param name="migration">The migration.</param>
    /// <param name="now">When the page is written.</param>
    /// <param name="moduleVersion">What writes it.</param>
    public static string Render(RegistryMigrationInfo migration, DateTimeOffset now, string moduleVersion)
    {
        ArgumentNullException.ThrowIfNull(migration);
        var page = new HtmlText();
        page.Raw("""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            """).Element("title", $"Migration {migration.Name}").Raw($"<style>{ReportStyle.Css}</style>\n</head>\n<body>\n").Element("h1", $"Migration {migration.Name}");
        Summary(page, migration);
        Undo(page, migration);
        Steps(page, migration);
        Passes(page, migration);
        Forced(page, migration);
        page.Raw("<footer>").Text($"Written {Time(now)} by RegistryMigration {moduleVersion} from the journal's {migration.Sequence} records (migration {migration.Id}). All times are UTC.").Raw("</footer>\n</body>\n</html>\n");
        return page.ToString();
    }

    private static void Summary(HtmlText page, RegistryMigrationInfo migration)
    {
        page.Raw("<table class=\"facts\">\n");
        page.Fact("State", migration.State.ToString());
        page.Fact("System", migration.System);
        page.Fact("Cluster", migration.Server is null ? null : $"{migration.Server} namespace {migration.Namespace}");
        page.Fact("Configuration", migration.ConfigurationPath);
        page.Fact("From", migration.Source);
        page.Fact("To", migration.Destination);
        page.Fact("Begun", $"{Time(migration.Created)} by {migration.CreatedBy}");
        page.Fact("Journal", migration.JournalPath);
        page.Fact("Next step", migration.NextStep);
        page.Fact("Window", migration.Window is { } window ? string.Create(CultureInfo.InvariantCulture, $"about {(window.Duration < TimeSpan.FromMinutes(2) ? $"{window.Duration.TotalSeconds:0.0} s" : $"{window.Duration.TotalMinutes:0.0} min")} with writes blocked. {window.Basis}") : null);
        page.Raw("</table>\n");
    }

    private static void Undo(HtmlText page, RegistryMigrationInfo migration)
    {
        page.Element("h2", "How to undo");
        if (migration.State == MigrationState.Undone)
        {
            page.Element("p", "Everything was undone: what was there before is there again.");
            return;
        }

        page.Raw(migration.IsUndoLossless ? "<p class=\"good\">" : "<p class=\"bad\">")
            .Text(migration.IsUndoLossless ? "An undo brings back exactly what was there." : $"An undo would lose something: {migration.NoReturn}").Raw("</p>\n<pre>")
            .Text($"Undo-RegistryMigration {migration.Name} -WhatIf\nUndo-RegistryMigration {migration.Name}{(migration.IsUndoLossless ? "" : " -Force")}").Raw("</pre>\n");
        page.Element("p", "The steps are undone in reverse order, from the values that are shown below as they were before. It stops at the first failure and can be run again.");
    }

    private static void Steps(HtmlText page, RegistryMigrationInfo migration)
    {
        page.Element("h2", "What was done");
        if (migration.Steps.Count == 0)
        {
            page.Element("p", "No step was recorded.");
            return;
        }

        page.Raw("<table>\n<thead><tr><th>Step</th><th>What</th><th>State</th><th>When and by whom</th><th>Proof</th></tr></thead>\n<tbody>\n");
        foreach (var step in migration.Steps)
        {
            page.Raw("<tr><td>").Text(step.Id).Raw("</td><td>").Text(step.Target);
            Values(page, "before", step.Before);
            Values(page, "after", step.After);
            page.Raw($"</td><td class=\"{step.State.ToString().ToLowerInvariant()}\">").Text(step.State.ToString())
                .Raw("</td><td>").Text($"{Time(step.Started)}{(step.Finished is { } end ? $" to {Time(end)}" : "")}, {step.By}")
                .Raw("</td><td>").Text(step.Proof ?? "").Raw(step.Error is null ? "" : "<p class=\"bad\">").Text(step.Error ?? "").Raw(step.Error is null ? "" : "</p>").Raw("</td></tr>\n");
        }

        page.Raw("</tbody>\n</table>\n");
    }

    private static void Values(HtmlText page, string name, JsonObject? values)
    {
        if (values is null)
            return;
        page.Raw("<details><summary>").Text(name).Raw("</summary><pre>").Text(values.ToJsonString(Indented)).Raw("</pre></details>");
    }

    private static void Passes(HtmlText page, RegistryMigrationInfo migration)
    {
        page.Element("h2", "What was copied");
        if (migration.Passes.Count == 0)
        {
            page.Element("p", "No pass was recorded.");
            return;
        }

        page.Raw("<table>\n<thead><tr><th>Pass</th><th>When</th><th>Took</th><th>Compared</th><th>Copied</th><th>MiB</th><th>MiB/s</th><th>Left</th><th>Failed</th><th>Result</th></tr></thead>\n<tbody>\n");
        foreach (var pass in migration.Passes)
        {
            page.Raw("<tr><td>").Text($"{pass.Number} {pass.Kind}").Raw("</td><td>").Text($"{Time(pass.StartedAt)}, {pass.By}");
            foreach (var number in new[] { pass.Duration.ToString(@"d\.hh\:mm\:ss", CultureInfo.InvariantCulture), Count(pass.Listed), Count(pass.Copied), Mebi(pass.CopiedBytes), Mebi(pass.BytesPerSecond), Count(pass.Deferred), Count(pass.Failed) })
                page.Raw("</td><td class=\"number\">").Text(number);
            page.Raw("</td><td>").Text(pass.IsProofOfSameness ? "both sides hold the same" : pass.Status.ToString()).Raw("</td></tr>\n");
        }

        page.Raw("</tbody>\n</table>\n");
        foreach (var pass in migration.Passes.Where(pass => pass.Samples.Count > 1))
            page.Raw(ThroughputChart.Render(pass));
        page.Element("h2", "Defects");
        var defects = migration.Passes[^1].Defects;
        page.Element("p", defects.Count == 0
            ? "The last pass found none in the content itself."
            : $"The last pass found: {string.Join(", ", defects.Select(kind => string.Create(CultureInfo.InvariantCulture, $"{kind.Value} {kind.Key}")))}. Images that need these entries were broken before.");
    }

    private static void Forced(HtmlText page, RegistryMigrationInfo migration)
    {
        var forced = migration.Steps.Where(step => step.Forced is not null).ToList();
        page.Element("h2", "What was forced");
        if (forced.Count == 0)
        {
            page.Element("p", "Nothing.");
            return;
        }

        page.Raw("<ul>\n");
        foreach (var step in forced)
            page.Element("li", $"{step.Id} ({step.By}): {step.Forced}");
        page.Raw("</ul>\n");
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Mebi(double bytes) => (bytes / (1 << 20)).ToString("N1", CultureInfo.InvariantCulture);
}
