using System.CommandLine;
using RegistryMigration.Model;
using RegistryMigration.Worker.Configuration;
using RegistryMigration.Worker.Output;

namespace RegistryMigration.Worker.Commands;

/// <summary>A command: reads its settings, runs, and turns every end into an exit code and one clear line.</summary>
internal abstract class WorkerCommand : Command
{
    private readonly List<SettingGroup> _groups = [];
    private readonly OutputSettings _output;

    protected WorkerCommand(string name, string description, WorkerHost host)
        : base(name, description)
    {
        Host = host;
        _output = Use(new OutputSettings());
        SetAction(async (parsed, cancellationToken) => (int)await RunAsync(parsed, cancellationToken));
    }

    /// <summary>Streams, environment and clock.</summary>
    protected WorkerHost Host { get; }

    /// <summary>The command's own work.</summary>
    protected abstract Task<ExitCode> RunAsync(CommandRun run, CancellationToken cancellationToken);

    /// <summary>Gives the command a group of settings.</summary>
    protected T Use<T>(T group)
        where T : SettingGroup
    {
        _groups.Add(group);
        group.AddTo(this);
        return group;
    }

    private async Task<ExitCode> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        ProgressReporter? progress = null;
        var verbose = false;
        try
        {
            var values = Read(parsed);
            verbose = _output.Verbose(values);
            progress = ProgressReporter.Open(_output.Progress(values), _output.ProgressFile(values), _output.ProgressInterval(values), Host);
            return await RunAsync(new CommandRun(values, progress, _output.Json(values)), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Fail(progress, "Interrupted before there was a result.", null);
            return ExitCode.Interrupted;
        }
        catch (UsageException e)
        {
            Fail(progress, e.Message, null);
            return ExitCode.Usage;
        }
        catch (StoreException e)
        {
            Fail(progress, verbose ? e.ToString() : e.Message, e.Kind);
            return ExitCode.Failed;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Fail(progress, verbose ? e.ToString() : $"{e.Message} (--verbose shows where it came from.)", null);
            return ExitCode.Failed;
        }
        finally
        {
            progress?.Dispose();
        }
    }

    private SettingValues Read(ParseResult parsed)
    {
        string? Variable(string name) => Host.Environment.GetValueOrDefault(name);
        var path = new SettingValues(parsed, Variable, null).Find(_output.Config);
        if (path is null)
            return new SettingValues(parsed, Variable, null);
        var file = ConfigurationFile.Load(path);
        var known = _groups.SelectMany(group => group.All).Select(setting => setting.Name).ToHashSet(StringComparer.Ordinal);
        known.Remove(_output.Config.Name);
        return file.Keys.FirstOrDefault(key => !known.Contains(key)) is { } unknown
            ? throw new UsageException($"The configuration file '{path}' has '{unknown}', which is no option of {Name}. 'registry-migration {Name} --help' lists them.")
            : new SettingValues(parsed, Variable, file);
    }

    private void Fail(ProgressReporter? progress, string message, StoreErrorKind? kind)
    {
        if (progress is not null)
            progress.Fail(message, kind);
        else
            Host.Error.WriteLine($"error: {message}");
    }
}

/// <summary>One run of a command.</summary>
/// <param name="Values">What was given.</param>
/// <param name="Progress">Where progress, warnings and errors go.</param>
/// <param name="Json">Whether the result is wanted as JSON.</param>
internal sealed record CommandRun(SettingValues Values, ProgressReporter Progress, bool Json);
