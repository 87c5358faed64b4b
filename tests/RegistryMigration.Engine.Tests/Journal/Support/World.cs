using System.Text.Json.Nodes;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Journal.Support;

/// <summary>Something with settings that steps change.</summary>
internal sealed class World
{
    public SortedDictionary<string, string> Settings { get; } = new(StringComparer.Ordinal) { ["readOnly"] = "false", ["storage"] = "volume" };

    public int Changes { get; private set; }

    public string Text => string.Join(' ', Settings.Select(setting => $"{setting.Key}={setting.Value}"));

    public void Set(string name, string value)
    {
        if (Settings[name] == value)
            return;
        Changes++;
        Settings[name] = value;
    }

    public SettingStep Step(string name, string value, string? noReturn = null) => new(this, name, value) { NoReturn = noReturn };

    public Dictionary<string, IStepUndo> Undos => new(StringComparer.Ordinal) { ["Set"] = new SettingUndo(this) };
}

/// <summary>Sets one value.</summary>
internal sealed class SettingStep(World world, string name, string value) : IMigrationStep
{
    public string Id => "Set-" + name;

    public string Action { get; init; } = "Set";

    public string Target => "setting " + name;

    public string? NoReturn { get; init; }

    public int Captures { get; private set; }

    public Exception? Failure { get; set; }

    public Func<CancellationToken, Task> Around { get; set; } = _ => Task.CompletedTask;

    public string SecretName { get; set; } = "value";

    public Task<JsonObject> CaptureAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Captures++;
        return Task.FromResult(new JsonObject { ["name"] = name, [SecretName] = world.Settings[name] });
    }

    public async Task<StepResult> ApplyAsync(JsonObject before, CancellationToken cancellationToken)
    {
        await Around(cancellationToken);
        if (Failure is not null)
            throw Failure;
        world.Set(name, value);
        await Around(cancellationToken);
        return new StepResult($"{name} is {value}", new JsonObject { ["value"] = value }, NoReturn);
    }
}

/// <summary>Sets it back.</summary>
internal sealed class SettingUndo(World world) : IStepUndo
{
    public string Action => "Set";

    public Exception? Failure { get; set; }

    public Func<Task> Around { get; set; } = () => Task.CompletedTask;

    public async Task<string> UndoAsync(MigrationStep step, CancellationToken cancellationToken)
    {
        await Around();
        if (Failure is not null)
            throw Failure;
        world.Set((string)step.Before!["name"]!, (string)step.Before["value"]!);
        await Around();
        return "it is back";
    }
}
