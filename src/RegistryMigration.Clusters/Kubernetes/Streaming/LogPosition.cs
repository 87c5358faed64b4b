namespace RegistryMigration.Clusters.Kubernetes.Streaming;

/// <summary>How far a log was read: the last time stamp, and how many lines had it.</summary>
internal sealed class LogPosition
{
    private string? _last;
    private int _count;
    private string? _resumed;
    private int _skip;

    /// <summary>The second of the last line, as the API takes it; null before the first one.</summary>
    public string? Second { get; private set; }

    /// <summary>The log begins again at <see cref="Second"/>.</summary>
    public void Resume()
    {
        _resumed = _last;
        _skip = _count;
    }

    /// <summary>The text of a line with its time stamp; null where it was told before the log began again.</summary>
    public string? Advance(string line)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        var stamp = space < 0 ? line : line[..space];
        if (Normal(stamp) is not { } time)
            return line;
        var text = space < 0 ? "" : line[(space + 1)..];
        if (_resumed is not null)
        {
            var order = string.CompareOrdinal(time, _resumed);
            if (order < 0 || (order == 0 && _skip-- > 0))
                return null;
        }

        _count = time == _last ? _count + 1 : 1;
        _last = time;
        Second = stamp.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? string.Concat(stamp.AsSpan(0, dot), stamp.AsSpan(dot + 1).TrimStart("0123456789")) : stamp;
        return text;
    }

    // RFC 3339 leaves zeros at the end of the fraction away; with nine digits the order is the order of the text. Null: no time stamp.
    private static string? Normal(string stamp)
    {
        if (stamp.Length < 20 || stamp[4] != '-' || stamp[10] != 'T')
            return null;
        var digits = stamp[19] == '.' ? stamp.AsSpan(20).IndexOfAnyExceptInRange('0', '9') : 0;
        return digits < 0 ? null : string.Concat(stamp.AsSpan(0, 19), ".", digits == 0 ? "" : stamp.AsSpan(20, digits)).PadRight(29, '0');
    }
}
