using System.Runtime.InteropServices;

namespace RegistryMigration.Benchmarks.Trees;

/// <summary>Numbers that are the same for the same seed on every machine and every version of .NET (xoshiro256**, seeded by SplitMix64).</summary>
internal sealed class DeterministicRandom
{
    private ulong _a, _b, _c, _d;

    public DeterministicRandom(ulong seed)
    {
        _a = Scramble(ref seed);
        _b = Scramble(ref seed);
        _c = Scramble(ref seed);
        _d = Scramble(ref seed);
    }

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        var result = ulong.RotateLeft(_b * 5, 7) * 9;
        var shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = ulong.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>, both included.</summary>
    public int Between(int least, int most) => least + (int)(Next() % (ulong)(most - least + 1));

    /// <summary>A number from 0 up to, and not including, 1.</summary>
    public double Fraction() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number of the log-normal distribution (Box-Muller).</summary>
    public double LogNormal(double median, double sigma)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - Fraction())) * Math.Cos(2 * Math.PI * Fraction());
        return median * Math.Exp(sigma * normal);
    }

    /// <summary>Fills a buffer with bytes that do not compress.</summary>
    public void Fill(Span<byte> buffer)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(buffer);
        foreach (ref var word in words)
            word = Next();
        for (var i = words.Length * sizeof(ulong); i < buffer.Length; i++)
            buffer[i] = (byte)Next();
    }

    /// <summary>Some of the items, none twice, in random order.</summary>
    public T[] Sample<T>(IReadOnlyList<T> items, int count)
    {
        T[] shuffled = [.. items];
        var taken = Math.Min(count, shuffled.Length);
        for (var i = 0; i < taken; i++)
        {
            var other = Between(i, shuffled.Length - 1);
            (shuffled[i], shuffled[other]) = (shuffled[other], shuffled[i]);
        }

        return shuffled[..taken];
    }

    private static ulong Scramble(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
