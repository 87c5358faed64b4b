using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>What the records of a journal say together.</summary>
internal sealed class JournalState
{
    private readonly List<MigrationStep> _steps = [];
    private readonly List<MigrationPass> _passes = [];
    private bool _completed;

    /// <summary>The first record.</summary>
    public JournalRecord? First { get; private set; }

    /// <summary>What migration it is.</summary>
    public JournalHeader Header => First!.Migration!;

    /// <summary>The steps, in the order in which they were started first; one that was undone and started again counts from then.</summary>
    public IReadOnlyList<MigrationStep> Steps => _steps;

    /// <summary>The passes, oldest first.</summary>
    public IReadOnlyList<MigrationPass> Passes => _passes;

    /// <summary>The last sequence number.</summary>
    public long Sequence { get; private set; }

    /// <summary>Where the migration stands.</summary>
    public MigrationState State =>
        _completed ? MigrationState.Completed
        : _steps.Exists(step => step.State == MigrationStepState.Undone) && _steps.TrueForAll(step => step.State == MigrationStepState.Undone || step.Before is null) ? MigrationState.Undone
        : MigrationState.Active;

    /// <summary>What records say together.</summary>
    public static JournalState Of(IEnumerable<JournalRecord> records)
    {
        var state = new JournalState();
        foreach (var record in records)
            state.Apply(record);
        return state;
    }

    /// <summary>The step of an id; null where there is none.</summary>
    public MigrationStep? Find(string id) => _steps.Find(step => step.Id == id);

    /// <summary>Adds a record.</summary>
    public void Apply(JournalRecord record)
    {
        Sequence = record.Sequence;
        switch (record.Kind)
        {
            case JournalRecordKind.Migration:
                First = record;
                break;
            case JournalRecordKind.Step when record.Step is { } step:
                Apply(step);
                break;
            case JournalRecordKind.Pass when record.Pass is { } pass:
                _passes.Add(pass);
                break;
            case JournalRecordKind.Completed:
                _completed = true;
                break;
        }
    }

    private void Apply(MigrationStep step)
    {
        var index = _steps.FindIndex(known => known.Id == step.Id);
        if (index >= 0 && _steps[index].State == MigrationStepState.Undone && step.State != MigrationStepState.Undone)
        {
            _steps.RemoveAt(index);
            index = -1;
        }

        if (index < 0)
            _steps.Add(step);
        else
            _steps[index] = step;
    }

    /// <summary>The migration as its records have it.</summary>
    /// <param name="now">The time, for the prediction of the window.</param>
    /// <param name="journalPath">The journal on this machine.</param>
    public RegistryMigrationInfo ToInfo(DateTimeOffset now, string? journalPath)
    {
        var info = new RegistryMigrationInfo
        {
            Name = Header.Name,
            Id = Header.MigrationId,
            System = Header.System,
            Server = Header.Server,
            Namespace = Header.Namespace,
            Instance = Header.Instance,
            ConfigurationPath = Header.ConfigurationPath,
            Source = Header.Source,
            Destination = Header.Destination,
            Created = First!.At,
            CreatedBy = First.By,
            ModuleVersion = Header.ModuleVersion,
            State = State,
            // Arrays: PowerShell can't index what the compiler makes of a collection expression here.
            Steps = _steps.ToArray(),
            Passes = _passes.ToArray(),
            JournalPath = journalPath,
            Sequence = Sequence,
            Window = WindowForecast.From(_passes, now),
        };
        return info with { NextStep = NextSteps.Of(info) };
    }
}
