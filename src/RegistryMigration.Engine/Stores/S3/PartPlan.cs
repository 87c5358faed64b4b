namespace RegistryMigration.Engine.Stores.S3;

/// <summary>How an object is cut into parts: the same for the same length and option, so that another run finds its parts again.</summary>
/// <remarks>Limits: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html.</remarks>
internal readonly record struct PartPlan(long Length, long PartSize)
{
    public const long MinPartSize = 5L << 20;

    /// <summary>S3 would take 5 GiB; a part is held in one array here, and 10,000 of this size are more than the largest object.</summary>
    public const long MaxPartSize = 1L << 30;
    public const int MaxParts = 10_000;
    public const long MaxObjectSize = 5L << 40;

    /// <summary>The most that one PUT or one CopyObject takes.</summary>
    public const long MaxSingleRequest = 5L << 30;

    private const long Unit = 1L << 20;

    public int Count => (int)((Length + PartSize - 1) / PartSize);

    /// <summary>Parts of the wanted size, or of the smallest whole MiB that needs no more than 10,000 of them.</summary>
    public static PartPlan For(long length, long wanted)
    {
        var needed = (length + MaxParts - 1) / MaxParts;
        var size = Math.Max(wanted, (needed + Unit - 1) / Unit * Unit);
        return new PartPlan(length, Math.Clamp(size, MinPartSize, MaxPartSize));
    }

    /// <summary>The first byte of a part; parts count from 1.</summary>
    public long Start(int number) => (number - 1) * PartSize;

    /// <summary>The bytes of a part.</summary>
    public long SizeOf(int number) => Math.Min(PartSize, Length - Start(number));
}
