using System.Globalization;
using System.Text;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal.Reports;

/// <summary>Draws the throughput of a pass over its time, as SVG.</summary>
internal static class ThroughputChart
{
    private const double Width = 720;
    private const double Height = 160;
    private const double Left = 60;
    private const double Bottom = 22;
    private const double Top = 8;

    /// <summary>The chart of a pass with at least two samples.</summary>
    public static string Render(MigrationPass pass)
    {
        var end = Math.Max(1, pass.Samples.Max(sample => sample.Seconds));
        var most = Math.Max(1, pass.Samples.Max(sample => sample.BytesPerSecond));
        var points = new StringBuilder();
        foreach (var sample in pass.Samples.OrderBy(sample => sample.Seconds))
        {
            var x = Left + ((Width - Left) * Math.Clamp(sample.Seconds / end, 0, 1));
            var y = Top + ((Height - Top - Bottom) * (1 - Math.Clamp(sample.BytesPerSecond / most, 0, 1)));
            points.Append(CultureInfo.InvariantCulture, $"{x:0.#},{y:0.#} ");
        }

        var (peak, middle) = (Rate(most), Rate(most / 2));
        var floor = Height - Bottom;
        return string.Create(CultureInfo.InvariantCulture, $"""
            <figure>
            <svg viewBox="0 0 {Width} {Height}" role="img" aria-label="Throughput of pass {pass.Number} over time, at most {peak} MiB/s">
            <line class="grid" x1="{Left}" y1="{Top}" x2="{Width}" y2="{Top}"/><line class="grid" x1="{Left}" y1="{(Top + floor) / 2}" x2="{Width}" y2="{(Top + floor) / 2}"/><line class="grid" x1="{Left}" y1="{floor}" x2="{Width}" y2="{floor}"/>
            <text x="{Left - 6}" y="{Top + 4}" text-anchor="end">{peak}</text><text x="{Left - 6}" y="{((Top + floor) / 2) + 4}" text-anchor="end">{middle}</text><text x="{Left - 6}" y="{floor + 4}" text-anchor="end">0</text>
            <text x="{Left}" y="{Height - 5}">0 s</text><text x="{Width}" y="{Height - 5}" text-anchor="end">{end:0} s</text>
            <polyline class="curve" points="{points.ToString().TrimEnd()}"/>
            </svg>
            <figcaption>Throughput of pass {pass.Number} ({pass.Kind}) in MiB/s</figcaption>
            </figure>

            """);
    }

    private static string Rate(double bytesPerSecond) => (bytesPerSecond / (1 << 20)).ToString("0.0", CultureInfo.InvariantCulture);
}
