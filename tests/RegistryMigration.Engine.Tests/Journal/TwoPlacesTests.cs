using RegistryMigration.Engine.Journal;
using RegistryMigration.Engine.Tests.Journal.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Journal;

/// <summary>The journal on disk and its copy beside the registry, on one machine and on two.</summary>
public sealed class TwoPlacesTests : IDisposable
{
    private readonly JournalPlace _place = new();
    private readonly World _world = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _place.Dispose();

    [Fact]
    public async Task Another_machine_goes_on_from_the_copy_and_the_first_one_from_there()
    {
        await using (var first = await _place.CreateAsync())
            await first.RunAsync(_world.Step("readOnly", "true"), Token);
        await using (var second = await _place.OpenAsync(_place.Other))
        {
            Assert.Equal("false", (string?)second.Steps.Single().Before!["value"]);
            await second.RunAsync(_world.Step("storage", "swift"), Token);
        }

        await using var again = await _place.OpenAsync();

        Assert.Equal(["Set-readOnly", "Set-storage"], again.Steps.Select(step => step.Id));
        await MigrationUndo.RunAsync(again, _world.Undos, null, false, Token).ToListAsync(Token);
        Assert.Equal("readOnly=false storage=volume", _world.Text);
        Assert.Equal(again.Info.Sequence, _place.Copy.Snapshot!.Chain.Head);
    }

    [Fact]
    public async Task A_copy_that_was_deleted_is_written_anew()
    {
        await using (var run = await _place.CreateAsync())
            await run.RunAsync(_world.Step("readOnly", "true"), Token);
        _place.Copy.Clear();

        await using var again = await _place.OpenAsync();

        Assert.Single(_place.Copy.Snapshot!.ToInfo(_place.Time.GetUtcNow()).Steps);
    }

    [Fact]
    public async Task A_copy_that_has_no_room_for_history_keeps_the_order_of_the_steps()
    {
        await using var run = await _place.CreateAsync();
        await run.RunAsync(_world.Step("readOnly", "true"), Token);
        await run.RunAsync(_world.Step("storage", "swift"), Token);
        var whole = _place.Copy.Snapshot!;
        _place.Copy.Capacity = (whole.ToLines().Length + whole.Chain.ToString().Length) * 5 / 4;

        await MigrationUndo.RunAsync(run, _world.Undos, null, false, Token).ToListAsync(Token);

        var folded = _place.Copy.Snapshot!;
        Assert.True(folded.Records.Count < run.Info.Sequence, "Nothing was folded.");
        Assert.Equal(["Set-readOnly", "Set-storage"], folded.ToInfo(_place.Time.GetUtcNow()).Steps.Select(step => step.Id));
        Assert.Equal(run.Info.Steps.Select(step => (step.State, (string?)step.Before!["value"])), folded.ToInfo(_place.Time.GetUtcNow()).Steps.Select(step => (step.State, (string?)step.Before!["value"])));
    }

    [Fact]
    public async Task Two_machines_that_did_not_see_each_other_are_told_what_to_do()
    {
        await using (await _place.CreateAsync())
        {
        }

        // The first machine writes a record that never reaches the copy; the second goes on from the copy.
        await using (var first = await _place.OpenAsync(withCopy: false))
            await first.RunAsync(_world.Step("readOnly", "true"), Token);
        await using (var second = await _place.OpenAsync(_place.Other))
            await second.RunAsync(_world.Step("storage", "swift"), Token);
        var before = await File.ReadAllBytesAsync(_place.Path, Token);

        var error = await Assert.ThrowsAsync<ClusterException>(() => _place.OpenAsync());

        Assert.Equal(ClusterErrorKind.Conflict, error.Kind);
        Assert.Contains($"move {_place.Path} away", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(_place.Path, Token));
        File.Move(_place.Path, _place.Path + ".mine");
        await using var again = await _place.OpenAsync();
        Assert.Equal("Set-storage", again.Steps.Single().Id);
    }

    [Fact]
    public async Task A_journal_of_another_migration_of_the_same_name_is_refused()
    {
        await using (await _place.CreateAsync())
        {
        }

        await using (await MigrationJournal.CreateAsync(_place.Other, null, JournalPlace.Header with { MigrationId = "id2" }, _place.Session, Token))
        {
        }

        var error = await Assert.ThrowsAsync<ClusterException>(() => _place.OpenAsync(_place.Other));

        Assert.Equal(ClusterErrorKind.Conflict, error.Kind);
    }

    [Fact]
    public async Task A_migration_that_is_nowhere_is_not_made_by_looking_for_it()
    {
        var error = await Assert.ThrowsAsync<ClusterException>(() => _place.OpenAsync());

        Assert.Equal(ClusterErrorKind.NotFound, error.Kind);
        Assert.False(File.Exists(_place.Path));
    }

    [Fact]
    public async Task A_long_journal_is_folded_for_the_copy_and_undone_from_it_elsewhere()
    {
        _place.Copy.Capacity = 6000;
        await using (var run = await _place.CreateAsync())
        {
            await run.RunAsync(_world.Step("readOnly", "true"), Token);
            for (var i = 0; i < 20; i++)
            {
                var step = _world.Step("storage", "swift");
                step.Failure = i < 19 ? new ClusterException(ClusterErrorKind.Other, "once more") : null;
                await run.RunAsync(step, Token).ContinueWith(_ => { }, Token, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }

        var folded = _place.Copy.Snapshot!;
        Assert.True(folded.Records.Count < 10);
        Assert.Equal(43, folded.Chain.Head);

        await using (var elsewhere = await _place.OpenAsync(_place.Other))
        {
            Assert.All(elsewhere.Steps, step => Assert.Equal(MigrationStepState.Done, step.State));
            await MigrationUndo.RunAsync(elsewhere, _world.Undos, null, false, Token).ToListAsync(Token);
        }

        Assert.Equal("readOnly=false storage=volume", _world.Text);
        // Both machines can go on: their chains still meet.
        await using (var first = await _place.OpenAsync())
            Assert.Equal(MigrationState.Undone, first.Info.State);
        await using var second = await _place.OpenAsync(_place.Other);
        Assert.Equal(MigrationState.Undone, second.Info.State);
    }

    [Fact]
    public async Task A_journal_that_does_not_even_fit_folded_keeps_the_step_from_starting()
    {
        await using var run = await _place.CreateAsync();
        _place.Copy.Capacity = 500;

        var error = await Assert.ThrowsAsync<JournalException>(() => run.RunAsync(_world.Step("readOnly", "true"), Token));

        Assert.Contains("has room for", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, _world.Changes);
        Assert.Empty((await MigrationJournal.ReadAsync(_place.Path, _place.Time, Token))!.Steps);
    }

    [Fact]
    public async Task Every_step_that_starts_has_room_to_end()
    {
        await using var run = await _place.CreateAsync();
        _place.Copy.Capacity = 10_000;
        Exception? refusal = null;
        for (var i = 0; i < 100 && refusal is null; i++)
        {
            _world.Settings["n" + i] = "0";
            refusal = await Record.ExceptionAsync(() => run.RunAsync(_world.Step("n" + i, "1"), Token));
        }

        Assert.IsType<JournalException>(refusal);
        Assert.InRange(run.Steps.Count, 5, 99);
        Assert.All(run.Steps, step => Assert.Equal(MigrationStepState.Done, step.State));
        Assert.Equal(run.Steps.Count, _world.Changes);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("{}\n", "0123456789abcdef")]
    [InlineData(null, "0123456789abcdef")]
    [InlineData(null, "no chain")]
    public async Task A_copy_that_was_edited_is_refused(string? lines, string chain)
    {
        await using (await _place.CreateAsync())
        {
        }

        Assert.Throws<JournalException>(() => JournalSnapshot.Read(lines ?? _place.Copy.Snapshot!.ToLines(), chain, "the copy"));
    }
}
