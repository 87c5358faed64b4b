using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes.Configuration;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Authentication;

/// <summary>Runs a credential plugin as kubectl does, but for its terminal: it gets none, and is told so.</summary>
internal sealed class ExecPlugin(ExecSettings settings, string source, TimeProvider time)
{
    // Plugins fetch a token or read a cache; one that waits for somebody would wait for ever.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private const int MaxShown = 400;

    /// <summary>The program's name.</summary>
    public string Name => Path.GetFileName(settings.Command);

    /// <exception cref="ClusterException">It is not there, fails, takes too long, or writes something else than credentials.</exception>
    public async Task<ExecCredential> RunAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        using var process = Start();
        try
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(both.Token);
            var said = await process.StandardError.ReadToEndAsync(both.Token);
            var answer = await output;
            await process.WaitForExitAsync(both.Token);
            if (process.ExitCode != 0)
                throw Failed(ClusterErrorKind.Unauthenticated, string.Create(CultureInfo.InvariantCulture, $"it ended with code {process.ExitCode}{Shown(said)}"));
            return ExecCredential.Parse(answer, settings.ApiVersion);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Failed(ClusterErrorKind.Unauthenticated, FormattableString.Invariant($"it did not end within {Patience.TotalSeconds:0} s; it may be waiting for somebody to log in"));
        }
        catch (FormatException e)
        {
            throw Failed(ClusterErrorKind.Unauthenticated, e.Message);
        }
        finally
        {
            End(process);
        }
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(Locate())
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        foreach (var argument in settings.Arguments)
            start.ArgumentList.Add(argument);
        start.Environment.Clear();
        // By name: enumerating such a dictionary shows stars for values.
        foreach (var name in settings.Environment.Keys)
            start.Environment[name] = settings.Environment[name];
        foreach (var (name, value) in settings.Variables)
            start.Environment[name] = value.Reveal();
        start.Environment["KUBERNETES_EXEC_INFO"] = new JsonObject { ["apiVersion"] = settings.ApiVersion, ["kind"] = "ExecCredential", ["spec"] = settings.Information.DeepClone() }.ToJsonString();
        try
        {
            return Process.Start(start) ?? throw Missing();
        }
        catch (Win32Exception e)
        {
            throw Failed(ClusterErrorKind.Configuration, $"it can't be started: {e.Message}");
        }
    }

    // .NET would look into the current directory first; kubectl does not, and neither should a program that gets credentials.
    private string Locate()
    {
        if (Path.IsPathRooted(settings.Command))
            return File.Exists(settings.Command) ? settings.Command : throw Missing();
        string[] endings = OperatingSystem.IsWindows() ? [".exe", ".cmd", ".bat", ""] : [""];
        var folders = (settings.Environment.GetValueOrDefault("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Where(Path.IsPathRooted).SelectMany(folder => endings.Select(ending => Path.Combine(folder, settings.Command + ending))).FirstOrDefault(File.Exists) ?? throw Missing();
    }

    private static void End(Process process)
    {
        try
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It ended by itself just now.
        }
    }

    private ClusterException Missing() => Failed(ClusterErrorKind.Configuration, $"it is not installed. {settings.InstallHint}".TrimEnd());

    private ClusterException Failed(ClusterErrorKind kind, string what) =>
        new(kind, $"{source} logs in with '{Name}': {what.TrimEnd('.')}. Run it by hand to see more, or give -Token.");

    // What kubectl would let through to the terminal: the end of it, in one line.
    private static string Shown(string said)
    {
        var text = string.Concat(said.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return text.Length == 0 ? "" : $": {(text.Length > MaxShown ? "…" + text[^MaxShown..] : text)}";
    }
}
