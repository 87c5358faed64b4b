using RegistryMigration.Engine.Journal;
using RegistryMigration.Engine.Tests.Support;

namespace RegistryMigration.Engine.Tests.Journal.Support;

/// <summary>A folder for a journal, a copy of it in memory, and the session that works with them.</summary>
internal sealed class JournalPlace : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("journal-");

    public SteppedTime Time { get; } = new();

    public List<string> Notices { get; } = [];

    public MemoryCopy Copy { get; } = new();

    public string Path => System.IO.Path.Combine(_folder.FullName, "state", "m.jsonl");

    public string Other => System.IO.Path.Combine(_folder.FullName, "elsewhere", "m.jsonl");

    public MigrationSession Session => new()
    {
        User = "anna",
        Machine = "host1",
        ProcessId = 7,
        ModuleVersion = "0.1.0",
        Time = Time,
        Notices = new Collector(Notices),
        Details = new Collector(Notices),
    };

    public static JournalHeader Header => new() { MigrationId = "id1", Name = "m", System = "Test", ModuleVersion = "0.1.0", Source = "/old", Destination = "s3://new" };

    public async Task<MigrationRun> CreateAsync(bool withCopy = true) =>
        new(await MigrationJournal.CreateAsync(Path, withCopy ? Copy : null, Header, Session, TestContext.Current.CancellationToken), [], Session);

    public async Task<MigrationRun> OpenAsync(string? path = null, bool withCopy = true) =>
        new(await MigrationJournal.OpenAsync("m", path ?? Path, withCopy ? Copy : null, Session, TestContext.Current.CancellationToken), [], Session);

    public async Task<MigrationRun> OpenAsync(Func<IJournalFile, IJournalFile> wrap, IJournalCopy? copy) =>
        new(await MigrationJournal.OpenAsync("m", Path, copy, Session, wrap, TestContext.Current.CancellationToken), [], Session);

    public void Dispose() => _folder.Delete(recursive: true);

    private sealed class Collector(List<string> list) : IProgress<string>
    {
        public void Report(string value) => list.Add(value);
    }
}

/// <summary>A copy that survives its journal, with room and failures as told.</summary>
internal sealed class MemoryCopy : IJournalCopy
{
    private string? _lines;
    private string? _chain;

    public string Place => "the copy";

    public int Capacity { get; set; } = 1_000_000;

    public int Writes { get; private set; }

    public Exception? Failure { get; set; }

    public bool FailsAfterwards { get; set; }

    public JournalSnapshot? Snapshot => _lines is null ? null : JournalSnapshot.Read(_lines, _chain!, Place);

    public void Clear() => _lines = null;

    public Task<JournalSnapshot?> ReadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Snapshot);
    }

    public Task WriteAsync(JournalSnapshot snapshot, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Failure is not null && !FailsAfterwards)
            throw Failure;
        Writes++;
        _lines = snapshot.ToLines();
        _chain = snapshot.Chain.ToString();
        return Failure is null ? Task.CompletedTask : throw Failure;
    }
}
