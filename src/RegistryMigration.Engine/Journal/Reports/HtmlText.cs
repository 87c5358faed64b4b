using System.Net;
using System.Text;

namespace RegistryMigration.Engine.Journal.Reports;

/// <summary>Builds HTML: what is not written here is escaped.</summary>
internal sealed class HtmlText
{
    private readonly StringBuilder _html = new();

    /// <summary>Markup of our own.</summary>
    public HtmlText Raw(string markup)
    {
        _html.Append(markup);
        return this;
    }

    /// <summary>Text from anywhere.</summary>
    public HtmlText Text(string text)
    {
        // Control characters are no HTML, and some of them turn a terminal's or an editor's head.
        foreach (var c in WebUtility.HtmlEncode(text))
            _html.Append(char.IsControl(c) && c is not ('\n' or '\t') ? '\uFFFD' : c);
        return this;
    }

    /// <summary>An element with text in it.</summary>
    public HtmlText Element(string name, string text) => Raw($"<{name}>").Text(text).Raw($"</{name}>\n");

    /// <summary>A row of a table of facts; none where nothing is known.</summary>
    public HtmlText Fact(string name, string? value) =>
        string.IsNullOrEmpty(value) ? this : Raw("<tr><th>").Text(name).Raw("</th><td>").Text(value).Raw("</td></tr>\n");

    /// <inheritdoc />
    public override string ToString() => _html.ToString();
}
