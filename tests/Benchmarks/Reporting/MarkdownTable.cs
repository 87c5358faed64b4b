using System.Text;

namespace RegistryMigration.Benchmarks.Reporting;

/// <summary>A table whose first column stands to the left and the others to the right.</summary>
internal sealed class MarkdownTable(IReadOnlyList<string> headings)
{
    private readonly List<IReadOnlyList<string>> _rows = [];

    /// <summary>Adds a row; cells that are missing stay empty.</summary>
    public void Add(IReadOnlyList<string> cells) => _rows.Add(cells);

    /// <summary>Writes it.</summary>
    public void WriteTo(StringBuilder text)
    {
        Write(text, headings);
        Write(text, [.. headings.Select((_, column) => column == 0 ? ":--" : "--:")]);
        foreach (var row in _rows)
            Write(text, [.. row, .. Enumerable.Repeat("", headings.Count - row.Count)]);
    }

    private static void Write(StringBuilder text, IReadOnlyList<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |").AppendLine();
}
