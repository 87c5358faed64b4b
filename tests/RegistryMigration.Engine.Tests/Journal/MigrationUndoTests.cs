using RegistryMigration.Engine.Journal;
using RegistryMigration.Engine.Tests.Journal.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Journal;

public sealed class MigrationUndoTests : IDisposable
{
    private readonly JournalPlace _place = new();
    private readonly World _world = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _place.Dispose();

    private async Task<MigrationRun> RunAsync(string? noReturn = null)
    {
        _world.Settings["replicas"] = "1";
        var run = await _place.CreateAsync();
        await run.RunAsync(_world.Step("readOnly", "true"), Token);
        await run.RunAsync(_world.Step("storage", "swift", noReturn), Token);
        await run.RunAsync(_world.Step("replicas", "2"), Token);
        return run;
    }

    private Task<List<MigrationStep>> UndoAsync(MigrationRun run, string? to = null, bool force = false, Dictionary<string, IStepUndo>? undos = null) =>
        MigrationUndo.RunAsync(run, undos ?? _world.Undos, to, force, Token).ToListAsync(Token).AsTask();

    [Fact]
    public async Task Everything_comes_back_last_step_first_with_proof()
    {
        await using var run = await RunAsync();

        var undone = await UndoAsync(run);

        Assert.Equal(["Set-replicas", "Set-storage", "Set-readOnly"], undone.Select(step => step.Id));
        Assert.All(undone, step => Assert.Equal((MigrationStepState.Undone, "it is back"), (step.State, step.Proof)));
        Assert.Equal("readOnly=false replicas=1 storage=volume", _world.Text);
        Assert.Equal(MigrationState.Undone, run.Info.State);
        Assert.Empty(await UndoAsync(run));
    }

    [Fact]
    public async Task A_part_is_undone_down_to_the_step_that_stays()
    {
        await using var run = await RunAsync();

        var undone = await UndoAsync(run, to: "Set-readOnly");

        Assert.Equal(["Set-replicas", "Set-storage"], undone.Select(step => step.Id));
        Assert.Equal("readOnly=true replicas=1 storage=volume", _world.Text);
        Assert.Equal(MigrationState.Active, run.Info.State);
    }

    [Fact]
    public async Task An_unknown_step_is_refused_with_those_there_are()
    {
        await using var run = await RunAsync();

        var error = await Assert.ThrowsAsync<ClusterException>(() => UndoAsync(run, to: "Nothing"));

        Assert.Equal(ClusterErrorKind.NotFound, error.Kind);
        Assert.Contains("Set-readOnly, Set-storage, Set-replicas", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_something_would_be_lost_it_takes_force_which_is_recorded()
    {
        await using var run = await RunAsync("images were pushed to the new storage.");
        Assert.False(run.Info.IsUndoLossless);

        var error = await Assert.ThrowsAsync<ClusterException>(() => UndoAsync(run));
        Assert.Equal(ClusterErrorKind.Precondition, error.Kind);
        Assert.Contains("images were pushed", error.Message, StringComparison.Ordinal);
        Assert.Equal("readOnly=true replicas=2 storage=swift", _world.Text);

        // What comes after the point of no return can be undone without loss.
        Assert.Single(await UndoAsync(run, to: "Set-storage"));

        var undone = await UndoAsync(run, force: true);
        Assert.All(undone, step => Assert.Contains("images were pushed", step.Forced, StringComparison.Ordinal));
        Assert.Equal("readOnly=false replicas=1 storage=volume", _world.Text);
        Assert.True(run.Info.IsUndoLossless);
    }

    [Fact]
    public async Task It_stops_at_the_first_failure_and_goes_on_from_there()
    {
        await using var run = await RunAsync();
        var undo = new SettingUndo(_world);
        var calls = 0;
        undo.Around = () => ++calls == 3 ? throw new ClusterException(ClusterErrorKind.Conflict, "somebody changed it") : Task.CompletedTask;
        var undos = new Dictionary<string, IStepUndo> { ["Set"] = undo };

        await Assert.ThrowsAsync<ClusterException>(() => UndoAsync(run, undos: undos));
        Assert.Equal([MigrationStepState.Done, MigrationStepState.Failed, MigrationStepState.Undone], run.Steps.Select(step => step.State));
        Assert.Equal("Undo: somebody changed it", run.Steps[1].Error);

        Assert.Equal(["Set-storage", "Set-readOnly"], (await UndoAsync(run)).Select(step => step.Id));
        Assert.Equal("readOnly=false replicas=1 storage=volume", _world.Text);
    }

    [Fact]
    public async Task A_kind_of_step_that_nobody_can_undo_is_refused_before_anything_is_undone()
    {
        await using var run = await RunAsync();
        _world.Settings["other"] = "x";
        await run.RunAsync(new SettingStep(_world, "other", "y") { Action = "Newer" }, Token);

        var error = await Assert.ThrowsAsync<ClusterException>(() => UndoAsync(run));

        Assert.Contains("Set-other (Newer)", error.Message, StringComparison.Ordinal);
        Assert.All(run.Steps, step => Assert.Equal(MigrationStepState.Done, step.State));
        Assert.Contains("does not know", MigrationUndo.Plan(run.Info, _world.Undos).Items[0].Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MigrationStepState.Started)]
    [InlineData(MigrationStepState.Failed)]
    public async Task A_step_is_undone_from_whatever_state_it_was_left_in(MigrationStepState state)
    {
        await using var run = await _place.CreateAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var step = _world.Step("readOnly", "true");
        step.Around = async _ =>
        {
            if (_world.Changes == 0)
                return;
            if (state == MigrationStepState.Failed)
                throw new ClusterException(ClusterErrorKind.TimedOut, "late");
            await stop.CancelAsync();
            stop.Token.ThrowIfCancellationRequested();
        };
        await Assert.ThrowsAnyAsync<Exception>(() => run.RunAsync(step, stop.Token));
        Assert.Equal(state, run.Steps.Single().State);

        Assert.Single(await UndoAsync(run));

        Assert.Equal("readOnly=false storage=volume", _world.Text);
    }

    [Fact]
    public async Task A_step_that_was_undone_can_be_run_anew_and_counts_as_the_last_one()
    {
        await using var run = await RunAsync();
        await UndoAsync(run);
        _world.Set("readOnly", "maybe");

        var again = _world.Step("readOnly", "true");
        await run.RunAsync(again, Token);

        Assert.Equal(1, again.Captures);
        Assert.Equal("Set-readOnly", run.Steps[^1].Id);
        Assert.Equal(MigrationState.Active, run.Info.State);
        await UndoAsync(run);
        Assert.Equal("maybe", _world.Settings["readOnly"]);
    }

    [Fact]
    public async Task A_plan_says_what_would_be_restored()
    {
        await using var run = await RunAsync();

        var plan = MigrationUndo.Plan(run.Info, _world.Undos);

        Assert.Equal("setting replicas: {\"name\":\"replicas\",\"value\":\"1\"}", plan.Items[0].Description);
        Assert.Null(plan.Loss);
    }
}
