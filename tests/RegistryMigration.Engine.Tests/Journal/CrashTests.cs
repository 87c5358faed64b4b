using RegistryMigration.Engine.Journal;
using RegistryMigration.Engine.Tests.Journal.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Journal;

/// <summary>The process dies before or after every single thing that lasts: each write to disk, to the copy, and to what is migrated.</summary>
public sealed class CrashTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whenever_it_dies_a_second_run_comes_to_the_end(bool undo)
    {
        var moments = 0;
        for (; ; moments++)
        {
            using var place = new JournalPlace();
            var world = new World();
            await using (await place.CreateAsync())
            {
            }

            var death = new Death(moments);
            if (!await TryAsync(place, world, death, undoes: undo))
            {
                // Nothing of the dead process writes any more; another one goes on.
                await GoOnAsync(place, world, undo, moments);
                continue;
            }

            break;
        }

        // Two steps, with three writes each to two places and the world, before and after.
        Assert.InRange(moments, undo ? 36 : 20, 200);
    }

    [Fact]
    public async Task Whenever_it_dies_another_machine_comes_to_the_end()
    {
        for (var moments = 0; ; moments++)
        {
            using var place = new JournalPlace();
            var world = new World();
            await using (await place.CreateAsync())
            {
            }

            if (await TryAsync(place, world, new Death(moments), undoes: false))
                break;
            await using var run = await place.OpenAsync(place.Other);
            await RunAsync(run, world, new Death(int.MaxValue));
            await UndoAsync(run, world, new Death(int.MaxValue));
            Assert.Equal("readOnly=false storage=volume", world.Text);
            Assert.True(world.Changes <= 4, $"changed {world.Changes} times after a death at {moments}");
        }
    }

    private static async Task GoOnAsync(JournalPlace place, World world, bool undo, int moment)
    {
        await using var run = await place.OpenAsync();
        if (undo)
        {
            await UndoAsync(run, world, new Death(int.MaxValue));
            Assert.Equal("readOnly=false storage=volume", world.Text);
            Assert.DoesNotContain(run.Steps, step => step.State != MigrationStepState.Undone);
            return;
        }

        await RunAsync(run, world, new Death(int.MaxValue));
        Assert.Equal("readOnly=true storage=swift", world.Text);
        Assert.Equal(2, world.Changes);
        Assert.Equal(["false", "volume"], run.Steps.Select(step => (string?)step.Before!["value"]));
        await UndoAsync(run, world, new Death(int.MaxValue));
        Assert.True(world.Text == "readOnly=false storage=volume", $"{world.Text} after a death at {moment}");
    }

    private static async Task<bool> TryAsync(JournalPlace place, World world, Death death, bool undoes)
    {
        try
        {
            await using var run = await place.OpenAsync(file => new DyingFile(file, death), new DyingCopy(place.Copy, death));
            await RunAsync(run, world, death);
            if (undoes)
                await UndoAsync(run, world, death);
            return true;
        }
        catch (Exception) when (death.Happened)
        {
            return false;
        }
    }

    private static async Task RunAsync(MigrationRun run, World world, Death death)
    {
        foreach (var (name, value) in new[] { ("readOnly", "true"), ("storage", "swift") })
        {
            var step = world.Step(name, value);
            step.Around = _ =>
            {
                death.Tick();
                return Task.CompletedTask;
            };
            await run.RunAsync(step, Token);
        }
    }

    private static async Task UndoAsync(MigrationRun run, World world, Death death)
    {
        var undo = new SettingUndo(world)
        {
            Around = () =>
            {
                death.Tick();
                return Task.CompletedTask;
            },
        };
        await foreach (var _ in MigrationUndo.RunAsync(run, new Dictionary<string, IStepUndo> { ["Set"] = undo }, null, false, Token))
        {
        }
    }

    /// <summary>From one moment on everything fails, as nothing of a dead process lasts.</summary>
    private sealed class Death(int moment)
    {
        private int _passed;

        public bool Happened { get; private set; }

        public void Tick()
        {
            if (_passed++ == moment)
                Happened = true;
            if (Happened)
                throw new InvalidOperationException("dead");
        }
    }

    private sealed class DyingFile(IJournalFile file, Death death) : IJournalFile
    {
        public string Path => file.Path;

        public async Task AppendAsync(JournalRecord record, CancellationToken cancellationToken)
        {
            death.Tick();
            await file.AppendAsync(record, cancellationToken);
            death.Tick();
        }

        public void TakeBack()
        {
            death.Tick();
            file.TakeBack();
        }

        public void Dispose() => file.Dispose();
    }

    private sealed class DyingCopy(MemoryCopy copy, Death death) : IJournalCopy
    {
        public string Place => copy.Place;

        public int Capacity => copy.Capacity;

        public Task<JournalSnapshot?> ReadAsync(CancellationToken cancellationToken) => copy.ReadAsync(cancellationToken);

        public async Task WriteAsync(JournalSnapshot snapshot, CancellationToken cancellationToken)
        {
            death.Tick();
            await copy.WriteAsync(snapshot, cancellationToken);
            death.Tick();
        }
    }
}
