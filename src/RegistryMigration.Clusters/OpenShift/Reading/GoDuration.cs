using System.Buffers;
using System.Globalization;
using System.Text;

namespace RegistryMigration.Clusters.OpenShift.Reading;

/// <summary>Durations as Go writes them (time.Duration.String, time.ParseDuration): <c>1h30m0s</c>, <c>1.5s</c>, <c>250ms</c>.</summary>
public static class GoDuration
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>The text for a duration.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
            return "0s";
        var text = new StringBuilder(duration < TimeSpan.Zero ? "-" : "");
        var rest = duration.Duration();
        if (rest < TimeSpan.FromSeconds(1))
            return text.Append(CultureInfo.InvariantCulture, $"{(decimal)rest.Ticks / TimeSpan.TicksPerMillisecond:0.####}ms").ToString();
        var hours = (long)rest.TotalHours;
        if (hours > 0)
            text.Append(CultureInfo.InvariantCulture, $"{hours}h");
        if (hours > 0 || rest.Minutes > 0)
            text.Append(CultureInfo.InvariantCulture, $"{rest.Minutes}m");
        return text.Append(CultureInfo.InvariantCulture, $"{(decimal)(rest.Ticks % TimeSpan.TicksPerMinute) / TimeSpan.TicksPerSecond:0.#######}s").ToString();
    }

    /// <summary>The duration of a text; null where it is none.</summary>
    public static TimeSpan? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        var rest = text.AsSpan();
        var negative = rest[0] == '-';
        if (rest[0] is '-' or '+')
            rest = rest[1..];
        if (rest is "0")
            return TimeSpan.Zero;
        if (rest.IsEmpty)
            return null;
        var ticks = 0m;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits <= 0 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return null;
            rest = rest[digits..];
            var end = rest.IndexOfAny(Digits);
            var unit = end < 0 ? rest : rest[..end];
            if (TicksOf(unit) is not { } factor)
                return null;
            ticks += number * factor;
            rest = rest[unit.Length..];
        }

        return ticks > TimeSpan.MaxValue.Ticks ? null : TimeSpan.FromTicks((long)(negative ? -ticks : ticks));
    }

    private static decimal? TicksOf(ReadOnlySpan<char> unit) => unit switch
    {
        "h" => TimeSpan.TicksPerHour,
        "m" => TimeSpan.TicksPerMinute,
        "s" => TimeSpan.TicksPerSecond,
        "ms" => TimeSpan.TicksPerMillisecond,
        "us" or "µs" or "μs" => TimeSpan.TicksPerMicrosecond,
        "ns" => 0.01m,
        _ => null,
    };
}
