using System.Globalization;

namespace RegistryMigration.Views;

/// <summary>Makes sizes, rates and times readable, the same everywhere: format views, progress, messages. Independent of the culture.</summary>
public static class SizeText
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>Bytes with a binary unit: <c>1.50 GiB</c>.</summary>
    public static string OfBytes(double bytes)
    {
        var unit = 0;
        // 1023.995 would be shown as 1,024.00 of the smaller unit.
        while (Math.Abs(bytes) >= 1023.995 && unit < Units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }

        return bytes.ToString(unit == 0 ? "0" : "0.00", CultureInfo.InvariantCulture) + " " + Units[unit];
    }

    /// <summary>Bytes per second: <c>210.00 MiB/s</c>.</summary>
    public static string OfRate(double bytesPerSecond) => OfBytes(bytesPerSecond) + "/s";

    /// <summary>A count with separators: <c>27,118</c>.</summary>
    public static string OfCount(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A time to the tenth of a second below a minute, to the second above: <c>12.3 s</c>, <c>1:02:03</c>.</summary>
    public static string OfTime(TimeSpan time) => time < TimeSpan.FromMinutes(1)
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s")
        : time.ToString(time.TotalHours >= 24 ? @"d\.hh\:mm\:ss" : @"h\:mm\:ss", CultureInfo.InvariantCulture);
}
