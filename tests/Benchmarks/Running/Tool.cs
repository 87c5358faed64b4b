using System.Diagnostics;

namespace RegistryMigration.Benchmarks.Running;

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">Its exit code; 128 and the signal's number after a signal.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Errors">Standard error.</param>
internal sealed record ToolResult(int ExitCode, string Output, string Errors)
{
    /// <summary>The last words of a program that failed.</summary>
    public string LastWords
    {
        get
        {
            var text = Errors.Length > 0 ? Errors : Output;
            return text.Trim() is { Length: > 400 } trimmed ? "…" + trimmed[^400..] : text.Trim();
        }
    }
}

/// <summary>Runs programs with a clean environment, so that nobody's own configuration, proxy or credentials reach a measurement.</summary>
/// <param name="home">The home directory that programs see.</param>
internal sealed class Tool(string home)
{
    private static readonly string[] Kept = ["PATH", "LANG", "TMPDIR", "DOTNET_ROOT"];

    /// <summary>The path of a program that is on PATH, else null.</summary>
    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(directory => Path.Combine(directory, name))
        .FirstOrDefault(File.Exists);

    /// <summary>Prepares a start with output taken and nothing on standard input.</summary>
    public ProcessStartInfo StartInfo(CommandLine command)
    {
        var start = new ProcessStartInfo(command.File, command.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var name in Kept)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
                start.Environment[name] = value;
        }

        Directory.CreateDirectory(home);
        start.Environment["HOME"] = home;
        foreach (var (name, value) in command.Environment)
            start.Environment[name] = value;
        return start;
    }

    /// <summary>Runs a program to its end; it is killed when cancelled.</summary>
    public async Task<ToolResult> RunAsync(CommandLine command, CancellationToken cancellationToken)
    {
        using var process = new Process { StartInfo = StartInfo(command) };
        return await FinishAsync(process, _ => { }, cancellationToken);
    }

    /// <summary>Runs a program to its end and gives its output.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public async Task<string> RequireAsync(CommandLine command, CancellationToken cancellationToken)
    {
        var result = await RunAsync(command, cancellationToken);
        return result.ExitCode == 0
            ? result.Output
            : throw new InvalidOperationException($"{command} ended with exit code {result.ExitCode}: {result.LastWords}");
    }

    /// <summary>Starts a process and waits for its end; it is killed with its children when cancelled.</summary>
    /// <param name="process">Not started yet.</param>
    /// <param name="started">Called once it runs.</param>
    /// <param name="cancellationToken">Kills it.</param>
    public static async Task<ToolResult> FinishAsync(Process process, Action<Process> started, CancellationToken cancellationToken)
    {
        process.Start();
        await using var kill = cancellationToken.Register(() => process.Kill(entireProcessTree: true));
        started(process);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        var result = new ToolResult(process.ExitCode, await output, await errors);
        cancellationToken.ThrowIfCancellationRequested();
        return result;
    }
}
