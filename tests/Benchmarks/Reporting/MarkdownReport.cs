using System.Globalization;
using System.Text;

namespace RegistryMigration.Benchmarks.Reporting;

/// <summary>Results as tables for people.</summary>
internal static class MarkdownReport
{
    /// <summary>All results: the goals first, then each workload.</summary>
    public static string Write(IReadOnlyList<WorkloadResult> results)
    {
        var text = new StringBuilder();
        if (results.Any(result => result.Goals.Count > 0))
        {
            text.AppendLine("### Goals").AppendLine();
            WriteGoals(text, results);
        }

        foreach (var result in results)
            WriteWorkload(text, result);
        return text.ToString();
    }

    private static void WriteGoals(StringBuilder text, IReadOnlyList<WorkloadResult> results)
    {
        string[] ours = [.. results.SelectMany(result => result.Contenders).Where(contender => contender.IsOurs).Select(contender => contender.Name).Distinct()];
        var table = new MarkdownTable(["workload", "goal", .. ours]);
        foreach (var result in results)
        {
            foreach (var goal in result.Goals)
                table.Add([result.Workload, Describe(goal), .. ours.Select(name => Verdict(goal, result.Contenders.FirstOrDefault(contender => contender.Name == name), result))]);
        }

        table.WriteTo(text);
    }

    private static void WriteWorkload(StringBuilder text, WorkloadResult result)
    {
        text.AppendLine().AppendLine(Invariant($"### {result.Workload}")).AppendLine();
        text.AppendLine(Invariant($"{result.Title}. Tree: {result.Tree.Description}; {result.Tree.Files:#,0} files, {Mebibytes(result.Tree.Bytes)} MiB.")).AppendLine();
        text.AppendLine(Invariant($"{result.Machine.Processor}, {result.Machine.Processors} processors, {result.Machine.MemoryGiB} GiB, {result.Machine.System}, Linux {result.Machine.Kernel}; {string.Join(", ", result.Storages)}; {result.Started:yyyy-MM-dd HH:mm} UTC; {result.Contenders.Max(contender => (int?)contender.Runs.Count)} rounds. Median (least–most).")).AppendLine();
        WriteFigures(text, result);
        WriteOwnFigures(text, result);
        foreach (var contender in result.Contenders.Where(contender => contender.NotCounted is not null))
            text.AppendLine(Invariant($"- {contender.Name} is shown and does not count as best peer: {contender.NotCounted}."));
        var rounds = result.Contenders.Max(contender => (int?)contender.Runs.Count);
        foreach (var contender in result.Contenders.Where(contender => contender.Failure is null && contender.Runs.Count < rounds))
            text.AppendLine(Invariant($"- {contender.Name} ran {contender.Runs.Count} of {rounds} times: it was far slower than another peer."));
        foreach (var left in result.LeftOut)
            text.AppendLine(Invariant($"- Left out: {left.Name}: {left.Reason}."));
        if (result.Note is not null)
            text.AppendLine().AppendLine(result.Note);
        text.AppendLine().AppendLine("<details><summary>Commands</summary>").AppendLine().AppendLine("```");
        foreach (var contender in result.Contenders.Where(contender => contender.Command.Length > 0))
            text.AppendLine(Invariant($"# {contender.Version}")).AppendLine(contender.Command);
        text.AppendLine("```").AppendLine().AppendLine("</details>");
    }

    private static void WriteFigures(StringBuilder text, WorkloadResult result)
    {
        var table = new MarkdownTable(["contender", "wall s", "ratio", "client CPU s", "ratio", "server CPU s", "peak MiB", "requests", "per object", "MiB received", "MiB sent"]);
        foreach (var contender in result.Contenders)
        {
            if (contender.Failure is not null)
            {
                table.Add([Emphasized(contender), "failed: " + contender.Failure.ReplaceLineEndings(" ").Replace('|', '/')]);
                continue;
            }

            table.Add(
            [
                Emphasized(contender),
                Cell(contender.Of(Metric.Wall), "0.00"),
                Ratio(contender, Metric.Wall, result),
                Cell(contender.Of(Metric.Cpu), "0.00"),
                Ratio(contender, Metric.Cpu, result),
                Cell(contender.Of(Metric.ServerCpu), "0.0"),
                Cell(contender.Of(Metric.Peak), "0"),
                Median(contender.Of(Metric.Requests), "#,0"),
                Median(contender.Of(Metric.RequestsPerObject), "0.000"),
                Median(contender.Of(Metric.Received), "#,0.0", 1 << 20),
                Median(contender.Of(Metric.Sent), "#,0.0", 1 << 20),
            ]);
        }

        table.WriteTo(text);
        text.AppendLine();
    }

    private static void WriteOwnFigures(StringBuilder text, WorkloadResult result)
    {
        string[] names = [.. result.Contenders.SelectMany(contender => contender.Runs).SelectMany(run => run.Figures.Keys).Distinct()];
        if (names.Length == 0)
            return;
        var table = new MarkdownTable(["contender", .. names]);
        foreach (var contender in result.Contenders)
            table.Add([Emphasized(contender), .. names.Select(name => contender.Of(new Metric(name)) is { } figure ? Cell(figure, Math.Abs(figure.Median) switch { >= 10_000 => "#,0", >= 1 => "0.00", _ => "0.0000" }) : "")]);
        table.WriteTo(text);
        text.AppendLine();
    }

    private static string Describe(Goal goal) => goal.Against is null
        ? Invariant($"{goal.Metric.Name} ≤ {goal.AtMost:0.00##}")
        : Invariant($"{goal.Metric.Name} ≤ {goal.AtMost:0.0##} × {goal.Against}");

    private static string Verdict(Goal goal, ContenderResult? ours, WorkloadResult result) => (ours, ours is null ? null : goal.Reached(ours, result)) switch
    {
        (null, _) => "",
        ({ Failure: not null }, _) => "failed",
        (_, null) => "nothing to compare with",
        (_, { } reached) => Invariant($"{reached:0.00##} {(reached <= goal.AtMost ? "met" : "**not met**")}"),
    };

    private static string Ratio(ContenderResult contender, Metric metric, WorkloadResult result) =>
        contender.Of(metric)?.Median / Goal.Best(metric, result) is { } ratio ? Invariant($"{ratio:0.00}") : "";

    private static string Cell(Spread? spread, string format) => spread is not { } value
        ? ""
        : value.Min == value.Max ? Number(value.Median, format) : $"{Number(value.Median, format)} ({Number(value.Min, format)}–{Number(value.Max, format)})";

    private static string Median(Spread? spread, string format, double unit = 1) => spread is { } value ? Number(value.Median / unit, format) : "";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Mebibytes(long bytes) => Number(bytes / (double)(1 << 20), "#,0");

    private static string Emphasized(ContenderResult contender) => contender.IsOurs ? $"**{contender.Name}**" : contender.Name;

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
