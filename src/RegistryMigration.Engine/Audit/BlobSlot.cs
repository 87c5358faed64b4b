namespace RegistryMigration.Engine.Audit;

/// <summary>A blob's place in the table.</summary>
internal readonly struct BlobSlot(BlobTable.Entry[] chunk, int index)
{
    private const long Linked = 1L << 62;
    private const long Bad = 1L << 61;
    private const long Gone = 1L << 60;
    private const long SizeMask = Gone - 1;

    public bool Exists => chunk is not null;

    public BlobId Id => new(chunk[index].High, chunk[index].Low);

    /// <summary>Bytes.</summary>
    public long Size => Interlocked.Read(ref chunk[index].State) & SizeMask;

    /// <summary>Whether some repository links to it.</summary>
    public bool IsLinked => Has(Linked);

    /// <summary>Whether its content was reported as a defect, so that nothing more is to be concluded from it.</summary>
    public bool IsBad => Has(Bad);

    /// <summary>Whether it was deleted after it was listed.</summary>
    public bool IsGone => Has(Gone);

    public void Initialize(BlobId id, long size)
    {
        ref var entry = ref chunk[index];
        (entry.High, entry.Low, entry.State) = (id.High, id.Low, size);
    }

    /// <summary>Sets the size that the listing could not tell; before anybody looks.</summary>
    public void SetSize(long size) => chunk[index].State = size;

    public void MarkLinked() => Interlocked.Or(ref chunk[index].State, Linked);

    public void MarkGone() => Interlocked.Or(ref chunk[index].State, Gone);

    /// <summary>True for the first caller.</summary>
    public bool MarkBad() => (Interlocked.Or(ref chunk[index].State, Bad) & Bad) == 0;

    private bool Has(long flag) => (Interlocked.Read(ref chunk[index].State) & flag) != 0;
}
