using System.CommandLine;
using RegistryMigration.Worker.Commands;

namespace RegistryMigration.Worker;

/// <summary>The command line of the worker.</summary>
internal static class WorkerProgram
{
    /// <summary>Runs one command to its end.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="host">Streams, environment and clock.</param>
    /// <param name="cancellationToken">Stops the command, which still tells how far it came.</param>
    public static async Task<ExitCode> RunAsync(string[] arguments, WorkerHost host, CancellationToken cancellationToken)
    {
        var root = new RootCommand("Moves a container registry's files between directories, S3 and Swift, and proves the copy. Exit codes: 0 done, 1 failed, 2 usage, 3 finished with defects, 130 interrupted.")
        {
            new SyncCommand(host),
            new AuditCommand(host),
            new MeasureCommand(host),
            new DemoCommand(host),
        };
        // No @file arguments: a wildcard may begin with an @, and configuration has a file of its own.
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0 && parsed.Action is null or System.CommandLine.Invocation.ParseErrorAction)
        {
            await host.Error.WriteLineAsync($"error: {Explain(parsed)}");
            return ExitCode.Usage;
        }

        // The signals are ours: System.CommandLine would end the process before the result is out.
        var configuration = new InvocationConfiguration { Output = host.Output, Error = host.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        return (ExitCode)await parsed.InvokeAsync(configuration, cancellationToken);
    }

    // Never repeats a value: after a misspelt option it may be a secret.
    private static string Explain(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var help = command is RootCommand ? "registry-migration --help" : $"registry-migration {command.Name} --help";
        if (parsed.UnmatchedTokens.FirstOrDefault(token => token.StartsWith('-')) is { } option)
            return $"'{option.Split('=')[0]}' is no option here. '{help}' lists them.";
        if (parsed.UnmatchedTokens.Count > 0)
            return $"An argument belongs to no option. '{help}' lists them.";
        if (command is RootCommand)
            return $"There is no command. Give sync, audit, measure or demo; '{help}' tells more.";
        var incomplete = parsed.CommandResult.Children.OfType<System.CommandLine.Parsing.OptionResult>().FirstOrDefault(result => result.Errors.Any());
        return $"'{incomplete?.IdentifierToken?.Value ?? command.Name}' needs a value, once. '{help}' lists the options.";
    }
}
