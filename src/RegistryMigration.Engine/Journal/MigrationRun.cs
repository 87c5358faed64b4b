using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>A migration that is being worked on: its journal is open and nobody else may work on it meanwhile. Runs steps and keeps the journal of them.</summary>
/// <param name="journal">The journal; disposed with the run.</param>
/// <param name="locks">What keeps others away, outermost first; freed with the run.</param>
/// <param name="session">Who works, and by which clock.</param>
public sealed class MigrationRun(MigrationJournal journal, IReadOnlyList<IMigrationLock> locks, MigrationSession session) : IAsyncDisposable
{
    private readonly CancellationTokenSource _lost = CancellationTokenSource.CreateLinkedTokenSource([.. locks.Select(held => held.Lost), CancellationToken.None]);
    private readonly SemaphoreSlim _one = new(1);

    /// <summary>The migration as its journal has it now.</summary>
    public RegistryMigrationInfo Info => journal.Info with { Holder = locks.Count > 0 ? locks[^1].Holder : null };

    /// <summary>The steps so far, in the order in which they were started first.</summary>
    public IReadOnlyList<MigrationStep> Steps => [.. journal.State.Steps];

    /// <summary>Cancelled when the lock is lost: whatever is under way has to end, since somebody else may work on the migration now.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Runs a step, or only says what came of it where it is done already.</summary>
    /// <returns>The step as the journal has it now.</returns>
    /// <remarks>
    /// The journal (and its copy beside the registry) holds the step as started before anything is changed. An error is recorded and
    /// thrown. The token that the step sees also ends when the lock is lost.
    /// </remarks>
    /// <exception cref="ClusterException">The copy can't be written (then the step does not start), the migration has ended, or the lock was lost.</exception>
    public Task<MigrationStep> RunAsync(IMigrationStep step, CancellationToken cancellationToken) => AloneAsync(async token =>
    {
        ArgumentNullException.ThrowIfNull(step);
        var known = journal.State.Find(step.Id);
        if (known is not null && known.Action != step.Action)
            throw new ArgumentException($"Step {step.Id} of this migration is a {known.Action}, not a {step.Action}.");
        if (known is { State: MigrationStepState.Done })
        {
            session.Details?.Report(FormattableString.Invariant($"Step {step.Id} was done before ({known.Finished:u}, {known.By}): nothing was changed."));
            return known;
        }

        RequireActive();
        var goesOn = known is { Before: not null, State: MigrationStepState.Started or MigrationStepState.Failed };
        var before = goesOn ? known!.Before! : JournalSecrets.Check(step.Id, await step.CaptureAsync(token));
        if (!goesOn)
            await step.TryAsync(before, token);
        var now = session.Time.GetUtcNow();
        var started = new MigrationStep
        {
            Id = step.Id,
            Action = step.Action,
            Target = step.Target,
            State = MigrationStepState.Started,
            Started = goesOn ? known!.Started : now,
            By = session.Actor,
            Before = before,
            NoReturn = goesOn ? known!.NoReturn : null,
            Forced = goesOn ? known!.Forced : null,
        };
        await journal.RecordAsync(started, token);
        return await ApplyAsync(step, started, token);
    }, cancellationToken);

    /// <summary>Records something that happened and needs no undo: an audit, a proof.</summary>
    /// <param name="step">What happened; its <see cref="MigrationStep.Before"/> must be null. A second record of the same id replaces the first.</param>
    /// <param name="cancellationToken">Ends the wait for the journal's copy.</param>
    public Task<MigrationStep> RecordAsync(MigrationStep step, CancellationToken cancellationToken) => AloneAsync(async token =>
    {
        ArgumentNullException.ThrowIfNull(step);
        if (step.Before is not null)
            throw new ArgumentException($"{step.Id} has values to bring back, so it is a step: run it.", nameof(step));
        RequireActive();
        JournalSecrets.Check(step.Id, step.After);
        var recorded = step with { By = session.Actor };
        await journal.RecordAsync(recorded, token);
        return recorded;
    }, cancellationToken);

    /// <summary>Records a pass. Its number and who ran it are filled in.</summary>
    public Task<MigrationPass> RecordPassAsync(MigrationPass pass, CancellationToken cancellationToken) => AloneAsync(async token =>
    {
        ArgumentNullException.ThrowIfNull(pass);
        RequireActive();
        var recorded = pass with { Number = journal.State.Passes.Count + 1, By = session.Actor, Samples = ThroughputSamples.Thin(pass.Samples) };
        await journal.RecordAsync(recorded, token);
        return recorded;
    }, cancellationToken);

    /// <summary>Refuses to work on a migration that is completed.</summary>
    /// <exception cref="ClusterException">It is.</exception>
    public void RequireActive()
    {
        if (journal.State.State == MigrationState.Completed)
            throw new ClusterException(ClusterErrorKind.Precondition, $"Migration {journal.State.Header.Name} is completed. Make a new one with New-RegistryMigration, or undo this one with Undo-RegistryMigration.");
    }

    /// <summary>Ends the migration: no step runs any more. It can still be undone.</summary>
    public Task CompleteAsync(CancellationToken cancellationToken) => AloneAsync(async token =>
    {
        // A record of what was found, an audit that found defects, changed nothing.
        if (RecurringStep.OpenOf([.. journal.State.Steps.Where(step => step.Before is not null)]) is { } open)
            throw new ClusterException(ClusterErrorKind.Precondition, $"Step {open.Id} was {(open.State == MigrationStepState.Failed ? "not finished: it failed" : "started and not finished")}. Run it again, or undo the migration, before it is completed.");
        if (journal.State.State != MigrationState.Completed)
            await journal.CompleteAsync(token);
        return true;
    }, cancellationToken);

    /// <summary>Undoes one step. It counts as started while that is under way, since what it changed may or may not be there.</summary>
    internal Task<MigrationStep> UndoAsync(MigrationStep step, IStepUndo undo, string? forced, CancellationToken cancellationToken) => AloneAsync(async token =>
    {
        var begun = step with { State = MigrationStepState.Started, Finished = null, Error = null, By = session.Actor, Forced = Join(step.Forced, forced) };
        await journal.RecordAsync(begun, token);
        try
        {
            var proof = await undo.UndoAsync(Copy(begun), token);
            var undone = begun with { State = MigrationStepState.Undone, Finished = session.Time.GetUtcNow(), Proof = proof };
            await journal.RecordAsync(undone, Lost);
            return undone;
        }
        catch (Exception e) when (!token.IsCancellationRequested && e is not JournalException)
        {
            await FailAsync(begun, e, "Undo: ");
            throw;
        }
    }, cancellationToken);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await journal.DisposeAsync();
        foreach (var held in locks.Reverse())
            await held.DisposeAsync();
        _lost.Dispose();
        _one.Dispose();
    }

    private async Task<MigrationStep> ApplyAsync(IMigrationStep step, MigrationStep started, CancellationToken cancellationToken)
    {
        StepResult result;
        try
        {
            result = await step.ApplyAsync(started.Before!.DeepClone().AsObject(), cancellationToken);
            JournalSecrets.Check(step.Id, result.After);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            await FailAsync(started, e);
            throw;
        }

        var done = started with
        {
            State = MigrationStepState.Done,
            Finished = session.Time.GetUtcNow(),
            Proof = result.Proof,
            After = result.After,
            NoReturn = result.NoReturn,
            Forced = Join(started.Forced, result.Forced),
        };
        // The change is made: that it is recorded must not depend on somebody pressing Ctrl-C just now.
        await journal.RecordAsync(done, Lost);
        return done;
    }

    private async Task FailAsync(MigrationStep step, Exception error, string prefix = "")
    {
        try
        {
            await journal.RecordAsync(step with { State = MigrationStepState.Failed, Finished = session.Time.GetUtcNow(), Error = prefix + ErrorText.Of(error) }, Lost);
        }
        catch (Exception e) when (e is JournalException or ClusterException or OperationCanceledException)
        {
            // The error of the step itself says more. The journal has the step as started, which is true as well.
            session.Notices?.Report($"That step {step.Id} failed could not be recorded: {e.Message}");
        }
    }

    /// <summary>One thing at a time, ended by the caller or by the loss of the lock, which is an error that says so.</summary>
    private async Task<T> AloneAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Lost);
        await _one.WaitAsync(cancellationToken);
        try
        {
            RefuseWhenLost(null);
            return await work(either.Token);
        }
        catch (OperationCanceledException e) when (Lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            RefuseWhenLost(e);
            throw;
        }
        finally
        {
            _one.Release();
        }
    }

    private void RefuseWhenLost(Exception? cause)
    {
        if (Lost.IsCancellationRequested)
            throw new ClusterException(ClusterErrorKind.Locked, $"The lock of migration {journal.State.Header.Name} was lost: the cluster did not answer in time for it to be renewed, or somebody else took it. What was under way was stopped and counts as started. Check that the cluster answers, see who works on the migration with Get-RegistryMigration, then run the same command again.", cause);
    }

    private static MigrationStep Copy(MigrationStep step) => step with { Before = step.Before?.DeepClone() as JsonObject, After = step.After?.DeepClone() as JsonObject };

    private static string? Join(string? first, string? second) =>
        first is null || first == second ? second ?? first : second is null ? first : $"{first}; {second}";
}
