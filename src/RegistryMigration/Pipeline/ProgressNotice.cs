namespace RegistryMigration.Pipeline;

/// <summary>One progress record, before it becomes PowerShell's.</summary>
/// <param name="Id">Which of the cmdlet's records; 0 is the parent of the others.</param>
/// <param name="Activity">What is being done.</param>
/// <param name="Status">How far it is.</param>
/// <param name="Percent">0 to 100; below zero where it can't be told.</param>
/// <param name="Remaining">Time left; null where it can't be told.</param>
/// <param name="Completed">Whether to take the record away.</param>
internal sealed record ProgressNotice(int Id, string Activity, string Status, int Percent = -1, TimeSpan? Remaining = null, bool Completed = false)
{
    /// <summary>The share of a whole in percent; unknown without a whole.</summary>
    public static int PercentOf(long done, long whole) => whole <= 0 ? -1 : (int)Math.Clamp(done * 100.0 / whole, 0, 100);
}
