using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace RegistryMigration.Lab.Cluster;

/// <summary>A container's process on this machine. The lab's script knows it as well, and ends it should this program be killed.</summary>
internal sealed partial class ContainerProcess : IDisposable
{
    private const int Terminate = 15;

    // What would reach a process of this machine and no container: docker-registry's S3 driver dies on AWS_CA_BUNDLE.
    private static readonly string[] Hidden =
        ["AWS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "KUBECONFIG"];

    private readonly Process _process;
    private readonly string _pidFile;

    private ContainerProcess(Process process, string pidFile) => (_process, _pidFile) = (process, pidFile);

    /// <summary>Starts a program whose output goes to a log.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">There is no such program.</exception>
    public static ContainerProcess Start(IReadOnlyList<string> command, IReadOnlyDictionary<string, string> variables, string directory, ContainerLog log, string pidFile)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = directory };
        foreach (var name in Hidden)
            start.Environment.Remove(name);
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, said) => Write(log, said.Data);
        process.ErrorDataReceived += (_, said) => Write(log, said.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        // Pid, start time, stage: as tests/Lab/lib/processes.sh keeps them.
        File.WriteAllText(pidFile, string.Create(CultureInfo.InvariantCulture, $"{process.Id} {StartTime(process.Id)} 1\n"));
        return new ContainerProcess(process, pidFile);
    }

    /// <summary>Its exit code, when it has ended and said everything.</summary>
    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Asks it to end, and ends it when it has not after some time.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        try
        {
            if (_process.HasExited)
                return;
            _ = Kill(_process.Id, Terminate);
            using var limit = new CancellationTokenSource(grace);
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It ended meanwhile, and was disposed of.
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
        File.Delete(_pidFile);
    }

    private static void Write(ContainerLog log, string? line)
    {
        if (line is not null)
            log.Write(line);
    }

    // Field 22 of /proc/PID/stat; the command name before may hold blanks.
    private static string StartTime(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
        }
        catch (IOException)
        {
            return "0";
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
