using System.Text.Json.Nodes;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Engine.Tests.Journal.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Journal;

public sealed class MigrationRunTests : IDisposable
{
    private readonly JournalPlace _place = new();
    private readonly World _world = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _place.Dispose();

    [Fact]
    public async Task A_step_is_recorded_in_both_places_before_it_changes_anything()
    {
        await using var run = await _place.CreateAsync();
        var step = _world.Step("readOnly", "true");
        MigrationStep? onDisk = null, inCopy = null;
        step.Around = async token =>
        {
            onDisk ??= (await MigrationJournal.ReadAsync(_place.Path, _place.Time, token))!.Steps.Single();
            inCopy ??= _place.Copy.Snapshot!.ToInfo(_place.Time.GetUtcNow()).Steps.Single();
        };

        var done = await run.RunAsync(step, Token);

        foreach (var found in new[] { onDisk, inCopy })
        {
            Assert.Equal(MigrationStepState.Started, found!.State);
            Assert.Equal("false", (string?)found.Before!["value"]);
        }

        Assert.Equal(MigrationStepState.Done, done.State);
        Assert.Equal("readOnly is true", done.Proof);
        Assert.Equal("anna@host1", done.By);
        Assert.Equal("true", (string?)_place.Copy.Snapshot!.ToInfo(_place.Time.GetUtcNow()).Steps.Single().After!["value"]);
    }

    [Fact]
    public async Task A_done_step_changes_nothing_when_run_again_and_says_so()
    {
        await using var run = await _place.CreateAsync();
        var first = await run.RunAsync(_world.Step("readOnly", "true"), Token);
        _world.Set("readOnly", "somebody else's");
        var (changes, writes) = (_world.Changes, _place.Copy.Writes);

        var again = await run.RunAsync(_world.Step("readOnly", "true"), Token);

        Assert.Equal(first, again);
        Assert.Equal(changes, _world.Changes);
        Assert.Equal(writes, _place.Copy.Writes);
        Assert.Contains(_place.Notices, notice => notice.Contains("Set-readOnly was done before", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_copy_that_can_not_be_written_keeps_the_step_from_starting()
    {
        await using (var run = await _place.CreateAsync())
        {
            _place.Copy.Failure = new ClusterException(ClusterErrorKind.Denied, "may not update configmaps");
            await Assert.ThrowsAsync<ClusterException>(() => run.RunAsync(_world.Step("readOnly", "true"), Token));
            // The copy may or may not have it: nothing more through this run.
            _place.Copy.Failure = null;
            await Assert.ThrowsAsync<JournalException>(() => run.RunAsync(_world.Step("readOnly", "true"), Token));
        }

        Assert.Equal(0, _world.Changes);
        Assert.Empty((await MigrationJournal.ReadAsync(_place.Path, _place.Time, Token))!.Steps);
        await using var again = await _place.OpenAsync();
        Assert.Equal(MigrationStepState.Done, (await again.RunAsync(_world.Step("readOnly", "true"), Token)).State);
    }

    [Fact]
    public async Task A_copy_whose_answer_was_lost_is_ahead_and_wins_at_the_next_opening()
    {
        await using (var run = await _place.CreateAsync())
        {
            (_place.Copy.Failure, _place.Copy.FailsAfterwards) = (new ClusterException(ClusterErrorKind.Transient, "cut"), true);
            await Assert.ThrowsAsync<ClusterException>(() => run.RunAsync(_world.Step("readOnly", "true"), Token));
        }

        _place.Copy.Failure = null;
        await using var again = await _place.OpenAsync();
        Assert.Equal(MigrationStepState.Started, again.Steps.Single().State);
        Assert.Equal(0, _world.Changes);
        Assert.Equal(MigrationStepState.Done, (await again.RunAsync(_world.Step("readOnly", "true"), Token)).State);
    }

    [Fact]
    public async Task What_was_done_stays_on_disk_when_the_copy_fails_and_reaches_it_at_the_next_opening()
    {
        await using (var run = await _place.CreateAsync())
        {
            var step = _world.Step("readOnly", "true");
            step.Around = _ =>
            {
                _place.Copy.Failure = new ClusterException(ClusterErrorKind.Unreachable, "gone");
                return Task.CompletedTask;
            };
            await Assert.ThrowsAsync<ClusterException>(() => run.RunAsync(step, Token));
            Assert.Equal(MigrationStepState.Done, run.Steps.Single().State);
        }

        _place.Copy.Failure = null;
        await using var again = await _place.OpenAsync();
        Assert.Equal(MigrationStepState.Done, _place.Copy.Snapshot!.ToInfo(_place.Time.GetUtcNow()).Steps.Single().State);
        Assert.Equal(1, _world.Changes);
    }

    [Fact]
    public async Task A_step_that_was_started_goes_on_with_the_values_of_then()
    {
        await using (var run = await _place.CreateAsync())
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var interrupted = _world.Step("readOnly", "true");
            interrupted.Around = async token =>
            {
                if (_world.Changes > 0)
                    await stop.CancelAsync();
                token.ThrowIfCancellationRequested();
            };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.RunAsync(interrupted, stop.Token));
            Assert.Equal(MigrationStepState.Started, run.Steps.Single().State);
        }

        _place.Time.Advance(TimeSpan.FromHours(1));
        await using var again = await _place.OpenAsync();
        var step = _world.Step("readOnly", "true");
        var done = await again.RunAsync(step, Token);

        Assert.Equal(0, step.Captures);
        Assert.Equal("false", (string?)done.Before!["value"]);
        Assert.Equal(TimeSpan.FromHours(1), done.Finished - done.Started);
    }

    [Fact]
    public async Task A_failed_step_is_recorded_and_can_be_run_again()
    {
        await using var run = await _place.CreateAsync();
        var step = _world.Step("readOnly", "true");
        step.Failure = new ClusterException(ClusterErrorKind.TimedOut, "the operator did not roll out");
        await Assert.ThrowsAsync<ClusterException>(() => run.RunAsync(step, Token));
        Assert.Equal(MigrationStepState.Failed, run.Steps.Single().State);
        Assert.Equal("the operator did not roll out", run.Steps.Single().Error);
        Assert.Contains("Set-readOnly failed", run.Info.NextStep, StringComparison.Ordinal);

        step.Failure = null;
        var done = await run.RunAsync(step, Token);

        Assert.Equal(1, step.Captures);
        Assert.Null(done.Error);
    }

    [Fact]
    public async Task Of_an_unknown_error_only_the_type_is_written_down()
    {
        await using var run = await _place.CreateAsync();
        var step = _world.Step("readOnly", "true");
        step.Failure = new InvalidDataException("password=hunter2");
        await Assert.ThrowsAsync<InvalidDataException>(() => run.RunAsync(step, Token));

        Assert.Equal("Unexpected: InvalidDataException.", run.Steps.Single().Error);
        Assert.DoesNotContain("hunter2", await File.ReadAllTextAsync(_place.Path, Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("httpSecret")]
    [InlineData("PASSWORD")]
    [InlineData("REGISTRY_STORAGE_S3_SECRETKEY")]
    public async Task What_is_named_like_a_secret_is_not_written_down(string name)
    {
        await using var run = await _place.CreateAsync();
        var step = _world.Step("readOnly", "true");
        step.SecretName = name;

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => run.RunAsync(step, Token));

        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Empty(run.Steps);
        Assert.Equal(0, _world.Changes);
    }

    [Fact]
    public async Task A_step_of_another_kind_under_the_same_id_is_refused()
    {
        await using var run = await _place.CreateAsync();
        await run.RunAsync(_world.Step("readOnly", "true"), Token);

        await Assert.ThrowsAsync<ArgumentException>(() => run.RunAsync(new SettingStep(_world, "readOnly", "true") { Action = "Other" }, Token));
    }

    [Fact]
    public async Task A_completed_migration_runs_no_step_and_can_be_undone()
    {
        await using var run = await _place.CreateAsync();
        await run.RunAsync(_world.Step("readOnly", "true"), Token);
        await run.CompleteAsync(Token);
        await run.CompleteAsync(Token);

        Assert.Equal(MigrationState.Completed, run.Info.State);
        var error = await Assert.ThrowsAsync<ClusterException>(() => run.RunAsync(_world.Step("storage", "swift"), Token));
        Assert.Equal(ClusterErrorKind.Precondition, error.Kind);
        Assert.Single(await MigrationUndo.RunAsync(run, _world.Undos, null, false, Token).ToListAsync(Token));
        Assert.Equal("readOnly=false storage=volume", _world.Text);
    }

    [Fact]
    public async Task A_migration_with_an_open_step_is_not_completed()
    {
        await using var run = await _place.CreateAsync();
        var step = _world.Step("readOnly", "true");
        step.Failure = new ClusterException(ClusterErrorKind.Other, "no");
        await Assert.ThrowsAsync<ClusterException>(() => run.RunAsync(step, Token));

        var error = await Assert.ThrowsAsync<ClusterException>(() => run.CompleteAsync(Token));

        Assert.Contains("Set-readOnly", error.Message, StringComparison.Ordinal);
        Assert.Equal(MigrationState.Active, run.Info.State);
    }

    [Fact]
    public async Task Passes_and_proofs_are_recorded_and_read_back()
    {
        await using (var run = await _place.CreateAsync())
        {
            await run.RecordPassAsync(new MigrationPass { Source = "/old", Destination = "s3://new", CopiedBytes = 7, Samples = [.. Enumerable.Range(0, 1000).Select(i => new ThroughputSample(i, 5))] }, Token);
            await run.RecordAsync(new MigrationStep { Id = "Audit", Action = "Audit", Target = "s3://new", State = MigrationStepState.Done, Started = _place.Time.GetUtcNow(), By = "", Proof = "clean" }, Token);
            await Assert.ThrowsAsync<ArgumentException>(() => run.RecordAsync(new MigrationStep { Id = "x", Action = "x", Target = "", State = MigrationStepState.Done, Started = default, By = "", Before = [] }, Token));
        }

        await using var again = await _place.OpenAsync();
        var pass = Assert.Single(again.Info.Passes);
        Assert.Equal((1, 7, "anna@host1"), (pass.Number, pass.CopiedBytes, pass.By));
        Assert.InRange(pass.Samples.Count, 50, ThroughputSamples.Most);
        Assert.Equal("clean", Assert.Single(again.Steps).Proof);
        Assert.Empty(MigrationUndo.Plan(again.Info, _world.Undos).Items);
    }

    [Fact]
    public async Task Losing_the_lock_ends_the_step_and_says_so()
    {
        using var lost = new CancellationTokenSource();
        var journal = await MigrationJournal.CreateAsync(_place.Path, _place.Copy, JournalPlace.Header, _place.Session, Token);
        await using var run = new MigrationRun(journal, [new LosableLock(lost.Token)], _place.Session);
        var step = _world.Step("readOnly", "true");
        step.Around = async token =>
        {
            await lost.CancelAsync();
            token.ThrowIfCancellationRequested();
        };

        var error = await Assert.ThrowsAsync<ClusterException>(() => run.RunAsync(step, Token));

        Assert.Equal(ClusterErrorKind.Locked, error.Kind);
        Assert.Equal(0, _world.Changes);
        Assert.Equal(MigrationStepState.Started, run.Steps.Single().State);
        Assert.Equal(ClusterErrorKind.Locked, (await Assert.ThrowsAsync<ClusterException>(() => run.RunAsync(step, Token))).Kind);
    }

    [Fact]
    public async Task Steps_see_values_that_they_can_not_change_in_the_journal()
    {
        await using var run = await _place.CreateAsync();
        var step = new MutatingStep();

        await run.RunAsync(step, Token);

        Assert.Equal(1, (int)run.Steps.Single().Before!["n"]!);
    }

    private sealed class LosableLock(CancellationToken lost) : IMigrationLock
    {
        public CancellationToken Lost => lost;

        public MigrationHolder Holder { get; } = new("anna@host1 7", null, null);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class MutatingStep : IMigrationStep
    {
        public string Id => "Mutate";

        public string Action => "Mutate";

        public string Target => "";

        public Task<JsonObject> CaptureAsync(CancellationToken cancellationToken) => Task.FromResult(new JsonObject { ["n"] = 1 });

        public Task<StepResult> ApplyAsync(JsonObject before, CancellationToken cancellationToken)
        {
            before["n"] = 2;
            return Task.FromResult(new StepResult("done"));
        }
    }
}
