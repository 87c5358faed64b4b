using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>A journal that is open for writing: on disk, and in its copy where the migration has one.</summary>
/// <remarks>
/// A record goes to disk first and then to the copy. What announces a change must be in both before the change is made; where the copy can't
/// be written it is taken back from disk, and nothing happens. What tells of something that has happened stays on disk, and the next opening
/// brings the copy up to date. After either, this object is of no use any more: what the copy holds is uncertain.
/// </remarks>
public sealed class MigrationJournal : IAsyncDisposable
{
    private readonly IJournalFile _file;
    private readonly IJournalCopy? _copy;
    private readonly MigrationSession _session;
    private readonly List<JournalRecord> _records = [];
    private readonly JournalState _state = new();
    private readonly JournalChain _chain = new();
    private string? _broken;

    internal MigrationJournal(IJournalFile file, IJournalCopy? copy, MigrationSession session)
    {
        _file = file;
        _copy = copy;
        _session = session;
    }

    /// <summary>The migration as the journal has it now.</summary>
    public RegistryMigrationInfo Info => _state.ToInfo(_session.Time.GetUtcNow(), _file.Path);

    internal JournalState State => _state;

    /// <summary>Makes a journal with its first record. The copy first: of two that make the same migration it refuses the second.</summary>
    /// <exception cref="ClusterException">The cluster can't take it, or has one of that name.</exception>
    public static async Task<MigrationJournal> CreateAsync(string path, IJournalCopy? copy, JournalHeader header, MigrationSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var (file, records, _) = await JournalFile.OpenAsync(path, cancellationToken);
        var journal = new MigrationJournal(file, copy, session);
        try
        {
            if (records.Count > 0)
                throw new JournalException($"{path} holds a journal already. Give another name or another place with -JournalPath.");
            var first = journal.Next(JournalRecordKind.Migration) with { Migration = header };
            if (copy is not null)
                await copy.WriteAsync(JournalFolding.Fit([first], JournalChain.Of([first]), copy.Capacity), cancellationToken);
            await file.AppendAsync(first, cancellationToken);
            journal.Take(first);
            return journal;
        }
        catch
        {
            await journal.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a journal and brings disk and copy to the same state: what is behind gets what the other has.</summary>
    /// <exception cref="ClusterException">
    /// <see cref="ClusterErrorKind.NotFound"/>: there is none. <see cref="ClusterErrorKind.Conflict"/>: the two have gone different ways.
    /// </exception>
    public static Task<MigrationJournal> OpenAsync(string name, string path, IJournalCopy? copy, MigrationSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        return OpenAsync(name, path, copy, session, file => file, cancellationToken);
    }

    internal static async Task<MigrationJournal> OpenAsync(string name, string path, IJournalCopy? copy, MigrationSession session, Func<IJournalFile, IJournalFile> wrap, CancellationToken cancellationToken)
    {
        var snapshot = copy is null ? null : await copy.ReadAsync(cancellationToken);
        if (snapshot is null && (await JournalFile.ReadAsync(path, cancellationToken)).Records.Count == 0)
            throw NotFound(name, path, copy);
        var (file, records, wasTorn) = await JournalFile.OpenAsync(path, cancellationToken);
        var journal = new MigrationJournal(wrap(file), copy, session);
        try
        {
            if (wasTorn)
                session.Notices?.Report($"The last record of {path} was not written to its end (a crash, or a full disk). It was put aside in {path}.torn; nobody relied on it.");
            foreach (var record in records)
                journal.Take(record);
            var meeting = JournalMeeting.Of(records, snapshot, path, copy?.Place ?? "");
            if (meeting == JournalMeeting.Outcome.CopyAhead)
                await journal.RestoreAsync(snapshot!, cancellationToken);
            else if (meeting == JournalMeeting.Outcome.DiskAhead && copy is not null)
                await copy.WriteAsync(JournalFolding.Fit(journal._records, journal._chain, copy.Capacity), cancellationToken);
            return journal;
        }
        catch
        {
            await journal.DisposeAsync();
            throw;
        }
    }

    /// <summary>The migration of a journal on disk, read without a lock and without changing anything; null where there is none.</summary>
    /// <exception cref="JournalException">The file is damaged, can't be read, or was written by a newer version.</exception>
    public static async Task<RegistryMigrationInfo?> ReadAsync(string path, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(time);
        var text = await JournalFile.ReadAsync(path, cancellationToken);
        return text.Records.Count == 0 ? null : JournalState.Of(text.Records).ToInfo(time.GetUtcNow(), path);
    }

    /// <summary>Records a step. One that is started is in both places when this returns, or in none and an error says why.</summary>
    public async Task RecordAsync(MigrationStep step, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(step);
        await AppendAsync(Next(JournalRecordKind.Step) with { Step = step }, announces: step.State == MigrationStepState.Started, cancellationToken);
    }

    /// <summary>Records a pass.</summary>
    public Task RecordAsync(MigrationPass pass, CancellationToken cancellationToken) =>
        AppendAsync(Next(JournalRecordKind.Pass) with { Pass = pass }, announces: false, cancellationToken);

    /// <summary>Records that the migration has ended.</summary>
    public Task CompleteAsync(CancellationToken cancellationToken) => AppendAsync(Next(JournalRecordKind.Completed), announces: false, cancellationToken);

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _file.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task AppendAsync(JournalRecord record, bool announces, CancellationToken cancellationToken)
    {
        if (_broken is not null)
            throw new JournalException($"The journal can't be used any more since {_broken} Run the same command again: it goes on from what is recorded.");
        // What is announced must leave room for what comes of it. A journal that has none must not be ahead on disk.
        if (announces && _copy is not null)
            _ = Snapshot(record, _copy.Capacity - (_copy.Capacity / 10));
        try
        {
            await _file.AppendAsync(record, cancellationToken);
        }
        catch (JournalException e)
        {
            _broken = $"a record could not be written: {e.Message}";
            throw;
        }

        try
        {
            if (_copy is not null)
                await _copy.WriteAsync(Snapshot(record, _copy.Capacity), cancellationToken);
        }
        catch (Exception e)
        {
            _broken = $"its copy could not be written: {e.Message}";
            if (announces)
                TakeBack();
            else
                Take(record);
            throw;
        }

        Take(record);
    }

    private JournalSnapshot Snapshot(JournalRecord record, int capacity) => JournalFolding.Fit([.. _records, record], JournalChain.Of([.. _records, record]), capacity);

    private void TakeBack()
    {
        try
        {
            _file.TakeBack();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The record stays, and tells of a step that was started and changed nothing: harmless, since a step looks at what is there.
        }
    }

    private async Task RestoreAsync(JournalSnapshot snapshot, CancellationToken cancellationToken)
    {
        var head = _state.Sequence;
        foreach (var record in snapshot.Records.Where(record => record.Sequence > head))
        {
            await _file.AppendAsync(record, cancellationToken);
            Take(record);
        }

        // A copy may have been folded: this record carries the ids of what is not on this disk.
        await AppendAsync(Next(JournalRecordKind.Restored) with { Chain = snapshot.Chain.ToString() }, announces: false, cancellationToken);
        _session.Notices?.Report($"The journal {_file.Path} was brought up to date from {_copy!.Place}.");
    }

    private JournalRecord Next(JournalRecordKind kind) =>
        new() { Sequence = _state.Sequence + 1, Id = JournalChain.NewId(), Kind = kind, At = _session.Time.GetUtcNow(), By = _session.Actor };

    private void Take(JournalRecord record)
    {
        _records.Add(record);
        _chain.Add(record);
        _state.Apply(record);
    }

    private static ClusterException NotFound(string name, string path, IJournalCopy? copy) => new(ClusterErrorKind.NotFound,
        $"There is no migration '{name}': neither {path}{(copy is null ? "" : $" nor {copy.Place}")} exists. Get-RegistryMigration lists those there are; New-RegistryMigration makes one. {(copy is null ? "To go on with one that another machine started, give its cluster with -Cluster." : "")}".TrimEnd());
}
