namespace RegistryMigration.Engine.Resilience;

/// <summary>How many repetitions a run may still make: a bucket that successes fill slowly and retries empty.</summary>
internal sealed class RetryBudget(int capacity, double perSuccess)
{
    // Thousandths of a retry, so that fractions add up without a lock.
    private const long Unit = 1000;
    private readonly long _capacity = capacity * Unit;
    private readonly long _gain = (long)(perSuccess * Unit);
    private long _left = capacity * Unit;

    public bool TrySpend()
    {
        while (true)
        {
            var left = Interlocked.Read(ref _left);
            if (left < Unit)
                return false;
            if (Interlocked.CompareExchange(ref _left, left - Unit, left) == left)
                return true;
        }
    }

    public void Earn()
    {
        var left = Interlocked.Read(ref _left);
        if (left < _capacity)
            Interlocked.CompareExchange(ref _left, Math.Min(_capacity, left + _gain), left);
    }
}
