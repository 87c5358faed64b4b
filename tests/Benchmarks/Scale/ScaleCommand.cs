using System.CommandLine;
using System.Text.Json;

namespace RegistryMigration.Benchmarks.Scale;

/// <summary>Measures what planning costs against the number of keys.</summary>
internal sealed class ScaleCommand : Command
{
    /// <summary>The command by which it starts itself, once for each measure.</summary>
    public const string ProbeName = "scale-probe";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    private readonly Option<long[]> _keys = new("--keys")
    {
        Description = "Keys of the source, for one run each.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [1_000_000, 10_000_000, 100_000_000],
    };

    private readonly Option<FileInfo?> _json = new("--json") { Description = "Writes the results to this file." };
    private readonly Option<FileInfo?> _plot = new("--plot") { Description = "Draws the results into this SVG." };

    public ScaleCommand()
        : base("scale", "Plans registries of growing size on one core, from listings made up while they are read: processor time, memory, and what of it the listings take.")
    {
        Options.Add(_keys);
        Options.Add(_json);
        Options.Add(_plot);
        SetAction(RunAsync);
    }

    /// <summary>The command behind <see cref="ProbeName"/>.</summary>
    public static Command Probe()
    {
        var keys = new Argument<long>("keys");
        var listingOnly = new Argument<bool>("listing-only");
        var probe = new Command(ProbeName) { keys, listingOnly };
        probe.Hidden = true;
        probe.SetAction(async (parsed, token) =>
        {
            var measure = await ScaleProbe.RunAsync(parsed.GetValue(keys), parsed.GetValue(listingOnly), token);
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(measure));
        });
        return probe;
    }

    private async Task RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var measures = new List<ScaleMeasure>();
        foreach (var keys in parsed.GetValue(_keys)!)
        {
            var listing = await ScaleChild.RunAsync(keys, listingOnly: true, cancellationToken);
            var plan = await ScaleChild.RunAsync(keys, listingOnly: false, cancellationToken);
            measures.Add(plan with { ListingCpuSeconds = listing.CpuSeconds });
            await Console.Out.WriteLineAsync(ScaleTable.Row(measures[^1], withHeader: measures.Count == 1));
        }

        if (parsed.GetValue(_json) is { } json)
            await File.WriteAllTextAsync(json.FullName, JsonSerializer.Serialize(measures, Json) + "\n", cancellationToken);
        if (parsed.GetValue(_plot) is { } plot)
            await File.WriteAllTextAsync(plot.FullName, ScalePlot.Draw(measures), cancellationToken);
    }
}
