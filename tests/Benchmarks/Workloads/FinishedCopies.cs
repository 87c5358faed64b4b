using RegistryMigration.Benchmarks.Contenders;
using RegistryMigration.Benchmarks.Servers;

namespace RegistryMigration.Benchmarks.Workloads;

/// <summary>A finished copy for each family of contenders, made by its own first contender: a tool knows its own time stamps again.</summary>
internal sealed class FinishedCopies
{
    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);

    private FinishedCopies()
    {
    }

    /// <summary>Makes them.</summary>
    public static async Task<FinishedCopies> MakeAsync(Bench bench, Stage stage, IReadOnlyList<Entry> entries, CancellationToken cancellationToken)
    {
        var copies = new FinishedCopies();
        foreach (var contender in entries.Select(entry => entry.Contender).DistinctBy(contender => contender.Family))
        {
            bench.Log($"finished copy for {contender.Family}");
            var place = await stage.Target.CreateAsync("benchmark-" + contender.Family, cancellationToken);
            await bench.Tool.RequireAsync(contender.Copy(stage.Source, place), cancellationToken);
            copies._places[contender.Family] = place;
        }

        return copies;
    }

    /// <summary>The copy that a contender finds.</summary>
    public Place For(Contender contender) => _places[contender.Family];
}
