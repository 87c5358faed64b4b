using System.Globalization;

namespace RegistryMigration.Benchmarks.Scale;

/// <summary>The results as a markdown table.</summary>
internal static class ScaleTable
{
    private const string Header = """
        | keys | CPU | keys per CPU second | CPU per million keys | of that making both listings | wall | peak memory | allocated per key | collections (gen 0/1/2) |
        |---|---|---|---|---|---|---|---|---|

        """;

    public static string Row(ScaleMeasure measure, bool withHeader) => (withHeader ? Header : "") + string.Create(CultureInfo.InvariantCulture,
        $"| {measure.Keys:N0} | {measure.CpuSeconds:N1} s | {measure.KeysPerCpuSecond:N0} | {measure.CpuSecondsPerMillion:N2} s | {measure.ListingCpuSeconds * 1e6 / measure.Keys:N2} s | {measure.WallSeconds:N1} s | {measure.PeakMemory >> 20} MiB | {measure.AllocatedPerKey:N0} B | {string.Join('/', measure.Collections)} |");
}
