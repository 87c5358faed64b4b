namespace RegistryMigration.Engine.Journal;

/// <summary>The ids of a journal's records by their sequence numbers: what tells whether one copy is an earlier state of another.</summary>
public sealed class JournalChain
{
    private const int IdLength = 16;
    private readonly SortedDictionary<long, string> _ids = [];

    /// <summary>The last sequence number; 0 where there is none.</summary>
    public long Head { get; private set; }

    /// <summary>The id at a place; null where it is not known.</summary>
    public string? this[long sequence] => _ids.GetValueOrDefault(sequence);

    /// <summary>The chain of records; those that restored a journal bring the ids of what was folded away.</summary>
    public static JournalChain Of(IEnumerable<JournalRecord> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        var chain = new JournalChain();
        foreach (var record in records)
            chain.Add(record);
        return chain;
    }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static JournalChain Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var chain = new JournalChain();
        if (text.Length % IdLength != 0 || text.Any(c => !char.IsAsciiHexDigitLower(c) && c != '-'))
            throw new FormatException("The chain of a journal's copy was damaged or edited.");
        for (var i = 0; i < text.Length / IdLength; i++)
            chain.Set(i + 1, text.Substring(i * IdLength, IdLength));
        return chain;
    }

    /// <summary>A new id.</summary>
    public static string NewId() => Guid.NewGuid().ToString("n")[..IdLength];

    /// <summary>Adds a record.</summary>
    public void Add(JournalRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (record.Chain is { } earlier)
        {
            foreach (var (sequence, id) in Parse(earlier)._ids)
                Set(sequence, id);
        }

        Set(record.Sequence, record.Id);
    }

    /// <summary>All ids, one after the other; hyphens where one is not known.</summary>
    public override string ToString()
    {
        var text = new System.Text.StringBuilder();
        for (var i = 1L; i <= Head; i++)
            text.Append(this[i] ?? new string('-', IdLength));
        return text.ToString();
    }

    private void Set(long sequence, string id)
    {
        if (id.Length == IdLength && id[0] != '-')
            _ids[sequence] = id;
        Head = Math.Max(Head, sequence);
    }
}
