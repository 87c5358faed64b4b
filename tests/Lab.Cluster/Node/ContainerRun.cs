using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>One container of a pod: its process, its restarts, its log and what the pod's status says of it.</summary>
internal sealed class ContainerRun(NodeContext node, Resource pod, JsonObject container, string folder)
{
    private readonly List<ContainerLog> _logs = [];
    private JsonObject _state = Waiting("ContainerCreating", null);
    private JsonObject _last = [];
    private ContainerProcess? _process;

    /// <summary>Its name.</summary>
    public string Name { get; } = container["name"]!.GetValue<string>();

    /// <summary>Its exit code of the last run; null where it has not ended.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>Whether it may serve.</summary>
    public bool Ready { get; private set; }

    /// <summary>Whether it runs the registry.</summary>
    public bool IsRegistry => ContainerImage.IsRegistry(container);

    /// <summary>Whether it runs Quay.</summary>
    public bool IsQuay => ContainerImage.IsQuay(container);

    /// <summary>The port on this machine that stands for the container's first one; 0 where it has none.</summary>
    public int Port { get; } = (container["ports"] as JsonArray)?.Count > 0 ? FreePort() : 0;

    /// <summary>How to run it anywhere else: command line prefix, variables and directory for exec.</summary>
    public (IReadOnlyDictionary<string, string> Variables, PathMap Paths)? Inside { get; private set; }

    /// <summary>The log of this run or of the one before; null where there is none.</summary>
    public ContainerLog? Log(bool previous) => _logs.ElementAtOrDefault(_logs.Count - (previous ? 2 : 1));

    /// <summary>What a pod's status says of it.</summary>
    public JsonObject Status() => new()
    {
        ["name"] = Name,
        ["image"] = container["image"]?.DeepClone(),
        ["imageID"] = container["image"]?.DeepClone(),
        ["containerID"] = _logs.Count > 0 ? $"lab://{pod.Uid}/{Name}/{_logs.Count}" : "",
        ["ready"] = Ready,
        ["started"] = _state.ContainsKey("running"),
        ["restartCount"] = Math.Max(0, _logs.Count - 1),
        ["state"] = _state.DeepClone(),
        ["lastState"] = _last.DeepClone(),
    };

    /// <summary>Runs it once. Says false where it can't start yet: the state tells why.</summary>
    public async Task<bool> RunAsync(IReadOnlyDictionary<string, string> volumes, int? completionIndex, Func<Task> report, CancellationToken cancellationToken)
    {
        if (ContainerImage.IsMissing(container))
            return await RefuseAsync("ImagePullBackOff", $"Back-off pulling image \"{container["image"]}\"", report);
        var paths = Paths(volumes, out var lastWords);
        Dictionary<string, string> variables;
        try
        {
            variables = await new PodEnvironment(node.Api, pod, completionIndex).ResolveAsync(container, cancellationToken);
        }
        catch (MountException e)
        {
            return await RefuseAsync("CreateContainerConfigError", e.Message, report);
        }
        var command = IsQuay
            ? ContainerImage.QuayCommand(paths.Replace("/conf/stack"), QuayNames.Database(node.Lab, pod.Namespace!, pod.Text("metadata", "labels", QuayNames.Label) ?? pod.Name), Port)
            : ContainerImage.Command(container, variables, paths, folder, node.Worker);
        if (command is null)
            return await RefuseAsync("CreateContainerError", "nothing on this machine can run it: no such command, and the node was given no worker", report);
        foreach (var name in variables.Keys.ToList())
            variables[name] = paths.Replace(variables[name]);
        if (Port > 0 && variables.ContainsKey("REGISTRY_HTTP_ADDR"))
            variables["REGISTRY_HTTP_ADDR"] = $"127.0.0.1:{Port}";
        if (completionIndex is { } index)
            variables["HOSTNAME"] = $"{pod.Items("metadata", "ownerReferences").First()["name"]}-{index}";
        Inside = (variables, paths);

        var log = new ContainerLog(Path.Combine(folder, $"{Name}.{_logs.Count}.log"));
        var started = ContainerLog.Now();
        try
        {
            _process = ContainerProcess.Start(command, variables, folder, log, Path.Combine(node.Lab.Directory, "run", $"pod-{pod.Uid}-{Name}.pid"));
        }
        catch (Win32Exception e)
        {
            log.Dispose();
            return await RefuseAsync("RunContainerError", e.Message, report);
        }
        _logs.Add(log);
        ExitCode = null;
        _state = new JsonObject { ["running"] = new JsonObject { ["startedAt"] = started[..19] + "Z" } };
        Ready = Port == 0;
        await report();
        using var process = _process;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var readiness = Port > 0 ? BecomeReadyAsync(report, ended.Token) : Task.CompletedTask;
        int code;
        try
        {
            code = await process.WaitAsync(cancellationToken);
        }
        finally
        {
            _process = null;
            log.End();
            await ended.CancelAsync();
            await readiness;
            Ready = false;
        }
        ExitCode = code;
        _state = new JsonObject { ["terminated"] = await TerminatedAsync(code, started, lastWords, log) };
        return true;
    }

    /// <summary>Ends its process, gently at first.</summary>
    public Task StopAsync(TimeSpan grace) => _process?.StopAsync(grace) ?? Task.CompletedTask;

    /// <summary>Between two runs.</summary>
    public void BackOff()
    {
        _last = _state;
        _state = Waiting("CrashLoopBackOff", $"back-off restarting failed container {Name}");
    }

    private async Task<bool> RefuseAsync(string reason, string message, Func<Task> report)
    {
        _state = Waiting(reason, message);
        await report();
        return false;
    }

    private async Task BecomeReadyAsync(Func<Task> report, CancellationToken cancellationToken)
    {
        try
        {
            while (!await AnswersAsync(cancellationToken))
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
            if (IsRegistry || IsQuay)
            {
                var space = await node.Api.GetAsync($"/api/v1/namespaces/{pod.Namespace}", cancellationToken);
                var after = space.Text("metadata", "annotations", Names.ReadyAfter);
                if (after is not null)
                    await Task.Delay(after == "never" ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(double.Parse(after, System.Globalization.CultureInfo.InvariantCulture)), TimeProvider.System, cancellationToken);
            }
            Ready = true;
            await report();
        }
        catch (OperationCanceledException)
        {
            // It ended before it was ready.
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (IsQuay)
                return await IsHealthyAsync(cancellationToken);
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is SocketException or HttpRequestException)
        {
            return false;
        }
    }

    // Its readiness probe.
    private async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var response = await client.GetAsync(new Uri($"http://127.0.0.1:{Port}/health/instance"), cancellationToken);
        return response.IsSuccessStatusCode;
    }

    private PathMap Paths(IReadOnlyDictionary<string, string> volumes, out string lastWords)
    {
        var paths = new PathMap();
        foreach (var mount in (container["volumeMounts"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var directory = volumes[mount["name"]!.GetValue<string>()];
            if (mount["subPath"]?.GetValue<string>() is { Length: > 0 } below)
                directory = Path.Combine(directory, below);
            paths.Add(mount["mountPath"]!.GetValue<string>(), directory);
        }
        Nest(paths);
        lastWords = Path.Combine(folder, $"{Name}.termination");
        File.WriteAllText(lastWords, "");
        paths.Add(container["terminationMessagePath"]?.GetValue<string>() ?? "/dev/termination-log", lastWords);
        ReplaceInFiles(paths);
        return paths;
    }

    // A mount below another one is a link there: who lists the outer directory sees it.
    private void Nest(PathMap paths)
    {
        foreach (var (inside, outside) in paths.Paths)
            if (Path.GetDirectoryName(inside) is { } parent && paths.Paths.FirstOrDefault(path => path.Inside == parent).Outside is { } around
                && around.StartsWith(folder, StringComparison.Ordinal) && !Path.Exists(Path.Combine(around, Path.GetFileName(inside))))
                File.CreateSymbolicLink(Path.Combine(around, Path.GetFileName(inside)), outside);
    }

    // Configuration in a Secret or ConfigMap names mount paths too.
    private void ReplaceInFiles(PathMap paths)
    {
        var own = Path.Combine(folder, "volumes");
        foreach (var (_, directory) in paths.Paths.Where(path => path.Outside.StartsWith(own, StringComparison.Ordinal) && Directory.Exists(path.Outside)))
        {
            foreach (var file in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Where(file => new FileInfo(file).Length < 1 << 20))
            {
                var text = File.ReadAllText(file);
                var replaced = text.Contains('\0', StringComparison.Ordinal) ? text : paths.Replace(text);
                if (replaced != text)
                    File.WriteAllText(file, replaced);
            }
        }
    }

    private async Task<JsonObject> TerminatedAsync(int code, string started, string lastWords, ContainerLog log)
    {
        var message = await File.ReadAllTextAsync(lastWords);
        if (message.Length == 0 && code != 0 && container["terminationMessagePolicy"]?.GetValue<string>() == "FallbackToLogsOnError")
            message = await log.TailAsync(CancellationToken.None);
        var terminated = new JsonObject { ["exitCode"] = code, ["reason"] = code == 0 ? "Completed" : "Error", ["startedAt"] = started[..19] + "Z", ["finishedAt"] = ContainerLog.Now()[..19] + "Z" };
        // A kubelet keeps 4096 bytes.
        if (message.Length > 0)
            terminated["message"] = message.Length <= 4096 ? message : message[..4096];
        return terminated;
    }

    private static JsonObject Waiting(string reason, string? message)
    {
        var waiting = new JsonObject { ["reason"] = reason };
        if (message is not null)
            waiting["message"] = message;
        return new JsonObject { ["waiting"] = waiting };
    }

    // Below the range that the kernel takes for outgoing connections, and beside that of the lab's servers: a client would otherwise take
    // the port before the server binds it, and keep it for as long as its watch lasts.
    private static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(10_000, 20_000);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }
}
