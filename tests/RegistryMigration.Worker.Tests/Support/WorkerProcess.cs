using System.Diagnostics;
using System.Text.Json;

namespace RegistryMigration.Worker.Tests.Support;

/// <summary>The built program, run as users run it.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;

    private WorkerProcess(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        _error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    public bool HasExited => _process.HasExited;

    public static WorkerProcess Start(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "registry-migration"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("REGISTRYMIGRATION_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new WorkerProcess(Process.Start(start)!);
    }

    /// <summary>Runs to the end.</summary>
    public static async Task<WorkerAnswer> RunAsync(params string[] arguments) => await RunAsync(new Dictionary<string, string>(), arguments);

    /// <summary>Runs to the end with environment variables.</summary>
    public static async Task<WorkerAnswer> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using var process = Start(environment, arguments);
        return await process.EndAsync();
    }

    public void Kill() => _process.Kill();

    /// <summary>Sends a signal by its name.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, kill.ExitCode);
    }

    public async Task<WorkerAnswer> EndAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        await _process.WaitForExitAsync(limit.Token);
        return new WorkerAnswer(_process.ExitCode, await _output, await _error);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}

/// <summary>How a run ended and what it wrote.</summary>
internal sealed record WorkerAnswer(int ExitCode, string Output, string Error)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public long Count(string property) => Json.GetProperty(property).GetInt64();

    /// <summary>Fails with everything that was written unless the exit code is this.</summary>
    public WorkerAnswer Expect(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"Exit code {ExitCode}, expected {exitCode}.\n{Output}\n{Error}");
        return this;
    }
}
