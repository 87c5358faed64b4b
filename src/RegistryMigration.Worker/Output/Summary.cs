using RegistryMigration.Model;

namespace RegistryMigration.Worker.Output;

/// <summary>Results for people: what happened first, then the numbers that are not zero, then what to do next.</summary>
internal static class Summary
{
    private const int Shown = 20;

    /// <summary>What a pass did.</summary>
    public static void Write(TextWriter writer, SyncResult result)
    {
        var verdict = result.Status switch
        {
            SyncStatus.Completed => "Completed",
            SyncStatus.CompletedWithDefects => "Completed, but some of the source is broken,",
            SyncStatus.Interrupted => "Interrupted",
            _ => "Failed",
        };
        writer.WriteLine($"{verdict} after {Quantity.Time(result.Duration)}: {result.Source} → {result.Destination}");
        Line(writer, "copied", $"{Entries(result.Copied)}, {Quantity.Bytes(result.CopiedBytes)}, {Quantity.Bytes((long)result.BytesPerSecond)}/s");
        Line(writer, "unchanged", Entries(result.Unchanged));
        LineIfAny(writer, "overwritten", result.Overwritten, "that said something else at the destination");
        LineIfAny(writer, "by the server", result.ServerSideCopied, "copied without passing through here; audit them with --deep");
        LineIfAny(writer, "meanwhile", result.AlreadyPresent, "written by somebody else");
        LineIfAny(writer, "vanished", result.Vanished, "deleted at the source during the pass");
        LineIfAny(writer, "deferred", result.Deferred, "left for the next pass: what they point at is newer than this one");
        LineIfAny(writer, "deleted", result.Deleted, "that the source does not have");
        LineIfAny(writer, "failed", result.Failed, "");
        foreach (var skipped in result.Skipped)
            Line(writer, "left out", $"{Quantity.Count(skipped.Count)} × {skipped.Kind}, {Quantity.Bytes(skipped.Bytes)}");
        Line(writer, "phases", string.Join(" · ", result.Phases.Select(phase => $"{phase.Name} {Quantity.Time(phase.Duration)}")));
        Line(writer, "requests", $"{Quantity.Count(result.SourceTraffic.Requests)} at the source, {Quantity.Count(result.DestinationTraffic.Requests)} at the destination, {Quantity.Count(result.SourceTraffic.Retries + result.DestinationTraffic.Retries)} repeated");
        WriteList(writer, "Failures", result.Failures.Count, result.Failures, failure => $"{failure.Party} ({failure.Kind}) {failure.Key}: {failure.Message}");
        WriteList(writer, "Defects", result.Defects.Count, result.Defects, Describe);
        if (Next(result) is { } next)
            writer.WriteLine($"Next: {next}");
    }

    /// <summary>What an audit found.</summary>
    public static void Write(TextWriter writer, AuditResult result)
    {
        writer.WriteLine($"{(result.IsClean ? "Clean" : Quantity.Count(result.DefectCount, "defect", "defects"))} after {Quantity.Time(result.Duration)}: {result.Store}");
        Line(writer, "looked at", $"{Quantity.Count(result.Repositories)} repositories, {Quantity.Count(result.Tags)} tags, {Quantity.Count(result.Manifests)} manifests, {Quantity.Count(result.Links)} links");
        Line(writer, "blobs", $"{Quantity.Count(result.Blobs)}, {Quantity.Bytes(result.BlobBytes)}; {(result.Deep ? $"every byte hashed ({Quantity.Bytes(result.HashedBytes)})" : "names and sizes (--deep hashes every byte)")}");
        if (result.OrphanBlobs > 0)
            Line(writer, "orphans", $"{Quantity.Count(result.OrphanBlobs)} blobs that no repository links to, {Quantity.Bytes(result.OrphanBytes)}: harmless");
        LineIfAny(writer, "foreign", result.ForeignLayers, "that are elsewhere by design");
        WriteList(writer, "Defects", result.DefectCount, result.Defects, Describe);
    }

    /// <summary>What lies in a store.</summary>
    public static void Write(TextWriter writer, StoreMeasure measure)
    {
        writer.WriteLine($"{measure.Layout} layout below '{measure.Root}' of {measure.Store}, measured in {Quantity.Time(measure.Duration)}");
        Line(writer, "in all", $"{Entries(measure.Entries)}, {Quantity.Bytes(measure.Bytes)}");
        Line(writer, "to sync", $"{Entries(measure.SyncEntries)}, {Quantity.Bytes(measure.SyncBytes)}");
        Line(writer, "shared", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"repositories refer to {measure.DedupeRatio:0.00} × the bytes stored"));
        writer.WriteLine();
        var kinds = new TextTable("kind", "entries", "bytes");
        foreach (var kind in measure.Kinds)
            kinds.Add(kind.Kind.ToString(), Quantity.Count(kind.Count), Quantity.Bytes(kind.Bytes));
        kinds.WriteTo(writer);
        writer.WriteLine();
        var repositories = new TextTable("repository", "tags", "manifests", "blobs", "bytes");
        foreach (var repository in measure.Repositories)
            repositories.Add(repository.Name, Quantity.Count(repository.Tags), Quantity.Count(repository.Manifests), Quantity.Count(repository.Blobs), Quantity.Bytes(repository.Bytes));
        repositories.WriteTo(writer);
    }

    private static string? Next(SyncResult result) => result.Status switch
    {
        SyncStatus.Failed => "run the same command again when the cause is gone; it copies only what is missing.",
        SyncStatus.Interrupted => "run the same command again; it copies only what is missing.",
        SyncStatus.CompletedWithDefects => "restore the broken content at the source, or accept that these images can't be pulled there either.",
        _ when result.Deferred > 0 => "run the same command again for what arrived during this pass.",
        _ => null,
    };

    private static string Describe(StoreDefect defect) =>
        $"{defect.Kind}{(defect.Origin == DefectOrigin.Unknown ? "" : $" ({defect.Origin})")} {defect.Key}: {defect.Message}";

    private static string Entries(long count) => Quantity.Count(count, "entry", "entries");

    private static void LineIfAny(TextWriter writer, string name, long count, string meaning)
    {
        if (count > 0)
            Line(writer, name, $"{Entries(count)} {meaning}".TrimEnd());
    }

    private static void Line(TextWriter writer, string name, string text) => writer.WriteLine($"  {name,-14}{text}");

    private static void WriteList<T>(TextWriter writer, string heading, long count, IReadOnlyList<T> items, Func<T, string> describe)
    {
        if (count == 0)
            return;
        writer.WriteLine($"{heading}:");
        foreach (var item in items.Take(Shown))
            writer.WriteLine($"  {describe(item)}");
        if (count > Shown)
            writer.WriteLine($"  … and {Quantity.Count(count - Shown)} more; --json lists them.");
    }
}
