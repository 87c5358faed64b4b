using System.Globalization;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>Tells from live passes how long the last one, with writes blocked, will take.</summary>
/// <remarks>
/// A pass lists both sides and copies what differs. The rate comes from the pass that copied the most bytes; the time of listing is what the
/// pass with the fewest bytes took beyond copying them; what will have changed follows from what the last live pass found changed since
/// the one before it. One pass alone tells nothing of that.
/// </remarks>
internal static class WindowForecast
{
    /// <summary>The prediction for a pass that starts now; null with fewer than two live passes that came to their end.</summary>
    public static WindowPrediction? From(IReadOnlyList<MigrationPass> passes, DateTimeOffset now)
    {
        var live = passes.Where(pass => pass.Kind == MigrationPassKind.Live && pass.Status is SyncStatus.Completed or SyncStatus.CompletedWithDefects).ToList();
        if (live.Count < 2)
            return null;
        var fullest = live.MaxBy(pass => pass.CopiedBytes)!;
        var leanest = live.MinBy(pass => pass.CopiedBytes)!;
        var rate = fullest.BytesPerSecond;
        var listing = leanest.Duration - Copying(leanest.CopiedBytes, rate);
        if (listing < TimeSpan.Zero || leanest == fullest)
            listing = leanest.Duration;
        var (before, last) = (live[^2], live[^1]);
        var between = last.StartedAt - before.StartedAt;
        var since = now - last.StartedAt;
        var changes = between > TimeSpan.Zero ? last.CopiedBytes / between.TotalSeconds : 0;
        var bytes = (long)(changes * Math.Max(0, since.TotalSeconds));
        var basis = string.Create(CultureInfo.InvariantCulture,
            $"Listing took {listing.TotalSeconds:0.0} s in pass {leanest.Number}. Pass {last.Number} found {Mebi(last.CopiedBytes)} MiB changed in the {between.TotalHours:0.0} h since pass {before.Number}; at that pace {Mebi(bytes)} MiB have changed in the {since.TotalHours:0.0} h since then. Pass {fullest.Number} copied {Mebi(rate)} MiB/s.");
        return new WindowPrediction(listing + Copying(bytes, rate), listing, bytes, rate, basis);
    }

    private static TimeSpan Copying(long bytes, double rate) => rate > 0 ? TimeSpan.FromSeconds(bytes / rate) : TimeSpan.Zero;

    private static string Mebi(double bytes) => (bytes / (1 << 20)).ToString("0.0", CultureInfo.InvariantCulture);
}
