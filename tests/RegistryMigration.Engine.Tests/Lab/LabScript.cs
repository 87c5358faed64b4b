using System.Diagnostics;

namespace RegistryMigration.Engine.Tests.Lab;

/// <summary>Calls <c>tests/Lab/lab.sh</c>.</summary>
internal static class LabScript
{
    internal const int NotDebianOrNotRoot = 3;
    internal const int MountNotPermitted = 4;
    internal const int KubernetesNotBuilt = 5;

    private static readonly string Path = Find();

    /// <summary>Runs one subcommand to its end.</summary>
    internal static async Task<LabScriptResult> RunAsync(
        IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.ArgumentList.Add(Path);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw new InvalidOperationException("bash did not start.");
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await Task.WhenAll(output, errors);
        await process.WaitForExitAsync(cancellationToken);
        return new LabScriptResult(string.Join(' ', arguments), process.ExitCode, (await output).Trim(), (await errors).Trim());
    }

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var script = System.IO.Path.Combine(directory.FullName, "tests", "Lab", "lab.sh");
            if (File.Exists(script))
                return script;
        }
        throw new FileNotFoundException($"No tests/Lab/lab.sh above {AppContext.BaseDirectory}: run the tests from a clone of the repository.");
    }
}

internal sealed record LabScriptResult(string Command, int ExitCode, string Output, string Errors)
{
    internal LabScriptResult EnsureSuccess() => ExitCode == 0
        ? this
        : throw new InvalidOperationException($"lab.sh {Command} ended with exit code {ExitCode}:\n{Errors}");
}
