using RegistryMigration.Model;
using RegistryMigration.Worker.Output;

namespace RegistryMigration.Worker.Demo;

/// <summary>Tells what the demo did, and what to type next.</summary>
internal sealed class DemoReport(TextWriter writer, ProgressReporter progress)
{
    private readonly TextTable _table = new("step", "entries", "copied", "bytes", "unchanged", "left out", "defects", "time");

    /// <summary>The registry that was made.</summary>
    public void Sample(RegistryStore source, SampleSummary sample)
    {
        writer.WriteLine($"A sample registry: {source}");
        writer.WriteLine($"  {sample.Repositories} repositories, {sample.Tags} tags, {sample.Manifests} manifests (schema 2, OCI, indexes), {sample.Blobs} blobs, {Quantity.Bytes(sample.BlobBytes)}, one upload in progress");
        writer.WriteLine();
    }

    /// <summary>One pass.</summary>
    public void Pass(string step, SyncResult result)
    {
        _table.Add(step, Quantity.Count(result.Listed), Quantity.Count(result.Copied), Quantity.Bytes(result.CopiedBytes), Quantity.Count(result.Unchanged), Quantity.Count(result.Skipped.Sum(skipped => skipped.Count)), Quantity.Count(result.Defects.Count), Quantity.Time(result.Duration));
        if (result.Status != SyncStatus.Completed)
            Summary.Write(writer, result);
    }

    /// <summary>The audit of what was migrated.</summary>
    public void Audit(AuditResult result) =>
        _table.Add("audit, every byte", Quantity.Count(result.Blobs + result.Links), "", Quantity.Bytes(result.HashedBytes), "", "", Quantity.Count(result.DefectCount), Quantity.Time(result.Duration));

    /// <summary>What happened, as a table and in words.</summary>
    public void Finish(AuditResult audit, SyncResult second)
    {
        _table.WriteTo(writer);
        writer.WriteLine();
        if (!audit.IsClean)
            Summary.Write(writer, audit);
        else if (second.Copied > 0)
            progress.Warn("The second pass copied something although nothing had changed.");
        else
            writer.WriteLine($"All {Quantity.Count(audit.Tags)} tags of the copy lead to whole images: each blob was read back and hashes to its name. The second pass found nothing to do.");
    }

    /// <summary>Commands that work as they stand.</summary>
    public void NextSteps(string directory, RegistryStore source, RegistryStore destination)
    {
        var program = Quote(Environment.ProcessPath ?? "registry-migration");
        writer.WriteLine($"""

            What to type next:
              What is in it:     {program} measure --store {Quote($"{destination}")}
              Break the copy:    rm -r {Quote($"{destination}/docker/registry/v2/repositories/{SampleRegistry.NameOf(0)}/_layers")}
              See the damage:    {program} audit --store {Quote($"{destination}")} --source {Quote($"{source}")}
              Copy what lacks:   {program} sync --source {Quote($"{source}")} --destination {Quote($"{destination}")}
              To a real server:  {program} sync --source {Quote($"{source}")} --destination s3://BUCKET --destination-endpoint https://HOST --destination-profile PROFILE --initialize
              Remove all this:   rm -r {Quote(directory)}
            """);
    }

    // POSIX shell quoting; paths that need none stay readable.
    private static string Quote(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || "/._-+:@%".Contains(c, StringComparison.Ordinal)) ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
