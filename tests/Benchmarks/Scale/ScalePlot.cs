using System.Globalization;
using System.Text;

namespace RegistryMigration.Benchmarks.Scale;

/// <summary>Draws cost against size: processor time and peak memory, each below the limit it must keep.</summary>
internal static class ScalePlot
{
    private const int Width = 720;
    private const int PanelHeight = 250;
    private const int Left = 70;
    private const int Right = 50;
    private const int Top = 45;
    private const int Bottom = 40;

    // Mid tones that show on white and on black; only the text changes with the reader's theme.
    private const string Style = """
        <style>
          text { font: 13px system-ui, sans-serif; fill: #24292f; }
          .title { font-weight: 600; }
          .grid { stroke: #8c959f; stroke-opacity: .35; }
          .limit { stroke: #cf4a4a; stroke-dasharray: 6 4; }
          .first { stroke: #2f81f7; fill: #2f81f7; }
          .second { stroke: #d29922; fill: #d29922; }
          polyline { fill: none !important; stroke-width: 2; }
          @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } }
        </style>

        """;

    public static string Draw(IReadOnlyList<ScaleMeasure> measures)
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {2 * PanelHeight}\" width=\"{Width}\" height=\"{2 * PanelHeight}\" role=\"img\">\n");
        svg.Append("<title>Planning: processor time per million keys and peak memory, against the number of keys</title>\n").Append(Style);
        Panel(svg, 0, "CPU seconds per million keys, one core", measures, 1, "1 million keys per second",
            ("whole process", "first", measure => measure.CpuSecondsPerMillion), ("of that making both listings", "second", measure => measure.ListingCpuSeconds * 1e6 / measure.Keys));
        Panel(svg, PanelHeight, "Peak resident memory, MiB", measures, 200, "200 MiB", ("whole process", "first", measure => measure.PeakMemory / (double)(1 << 20)));
        return svg.Append("</svg>\n").ToString();
    }

    private static void Panel(StringBuilder svg, int offset, string title, IReadOnlyList<ScaleMeasure> measures, double limit, string limitName, params (string Name, string Class, Func<ScaleMeasure, double> Of)[] series)
    {
        var top = 1.2 * series.SelectMany(line => measures.Select(line.Of)).Append(limit).Max();
        var first = Math.Floor(Math.Log10(measures.Min(measure => measure.Keys)));
        var last = Math.Max(first + 1, Math.Ceiling(Math.Log10(measures.Max(measure => measure.Keys))));
        double X(double keys) => Left + (Width - Left - Right) * (Math.Log10(keys) - first) / (last - first);
        double Y(double value) => offset + PanelHeight - Bottom - (PanelHeight - Top - Bottom) * value / top;

        Text(svg, Left, offset + 18, title, "start", "title");
        for (var power = (int)first; power <= last; power++)
        {
            Line(svg, X(Math.Pow(10, power)), Y(0), X(Math.Pow(10, power)), Y(top), "grid");
            Text(svg, X(Math.Pow(10, power)), Y(0) + 18, Math.Pow(10, power - 6).ToString("0.###", CultureInfo.InvariantCulture) + " M keys", "middle");
        }

        for (var step = 0; step <= 4; step++)
        {
            Line(svg, Left, Y(limit * step / 4), Width - Right, Y(limit * step / 4), step == 4 ? "limit" : "grid");
            Text(svg, Left - 8, Y(limit * step / 4) + 4, (limit * step / 4).ToString("0.##", CultureInfo.InvariantCulture), "end");
        }

        Text(svg, Width - Right, Y(limit) - 5, limitName, "end");
        foreach (var (index, (name, style, of)) in series.Index())
        {
            svg.Append(CultureInfo.InvariantCulture, $"<polyline class=\"{style}\" points=\"{string.Join(' ', measures.Select(measure => string.Create(CultureInfo.InvariantCulture, $"{X(measure.Keys):0.#},{Y(of(measure)):0.#}")))}\"/>\n");
            foreach (var measure in measures)
                svg.Append(CultureInfo.InvariantCulture, $"<circle class=\"{style}\" cx=\"{X(measure.Keys):0.#}\" cy=\"{Y(of(measure)):0.#}\" r=\"3.5\"/>\n");
            svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"{style}\" x=\"{Left + 150 * index}\" y=\"{offset + 27}\" width=\"14\" height=\"3\"/>\n");
            Text(svg, Left + 150 * index + 20, offset + 33, name, "start");
        }
    }

    private static void Line(StringBuilder svg, double x1, double y1, double x2, double y2, string style) =>
        svg.Append(CultureInfo.InvariantCulture, $"<line class=\"{style}\" x1=\"{x1:0.#}\" y1=\"{y1:0.#}\" x2=\"{x2:0.#}\" y2=\"{y2:0.#}\"/>\n");

    private static void Text(StringBuilder svg, double x, double y, string text, string anchor, string style = "label") =>
        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"{style}\" x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\">{text}</text>\n");
}
