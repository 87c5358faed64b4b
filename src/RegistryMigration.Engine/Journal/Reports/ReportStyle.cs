namespace RegistryMigration.Engine.Journal.Reports;

/// <summary>How a report looks: light and dark by the reader's setting, ink-saving on paper.</summary>
internal static class ReportStyle
{
    /// <summary>The style sheet.</summary>
    public const string Css = """
        :root { --ink: #1a1a1a; --paper: #fff; --faint: #666; --line: #ccc; --good: #17652b; --bad: #a31515; --curve: #1f5fa8; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6e6e6; --paper: #16181b; --faint: #9a9a9a; --line: #444; --good: #6fcf87; --bad: #ff8a80; --curve: #7fb3ee; } }
        body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
        table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
        .facts { width: auto; } .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem; } details summary { color: var(--faint); cursor: pointer; }
        .good, .done { color: var(--good); } .bad, .failed, .started { color: var(--bad); } .undone, footer, figcaption { color: var(--faint); }
        figure { margin: 1rem 0; } svg { width: 100%; height: auto; } svg text { fill: var(--faint); font-size: 11px; } svg .curve { fill: none; stroke: var(--curve); stroke-width: 1.5; } svg .grid { stroke: var(--line); }
        footer { margin-top: 3rem; font-size: .85rem; }
        @media print { :root { --ink: #000; --paper: #fff; --faint: #444; --line: #999; --good: #000; --bad: #000; --curve: #000; } body { margin: 0; max-width: none; font-size: 11px; } tr, figure { break-inside: avoid; } }
        """;
}
