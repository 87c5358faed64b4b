using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>One pod on a node: volumes, containers, status, and its end.</summary>
internal sealed class PodRun : IDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(300);

    private readonly NodeContext _node;
    private readonly Resource _pod;
    private readonly string _folder;
    private readonly List<ContainerRun> _starters;
    private readonly List<ContainerRun> _containers;
    private readonly SemaphoreSlim _reporting = new(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly string _started = ContainerLog.Now()[..19] + "Z";
    private string _phase = "Pending";
    private string? _reported;
    private bool _leaving;

    /// <summary>Prepares a pod that is bound to a node.</summary>
    public PodRun(NodeContext node, Resource pod)
    {
        _node = node;
        _pod = pod;
        _folder = node.Folder(pod);
        Directory.CreateDirectory(_folder);
        _starters = [.. pod.Items("spec", "initContainers").OfType<JsonObject>().Select(container => new ContainerRun(node, pod, container, _folder))];
        _containers = [.. pod.Items("spec", "containers").OfType<JsonObject>().Select(container => new ContainerRun(node, pod, container, _folder))];
    }

    /// <summary>The pod as it was when it came to the node.</summary>
    public Resource Pod => _pod;

    /// <summary>Ends when all containers have.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Whether its claims are attached to its node.</summary>
    public bool Attached { get; set; }

    /// <summary>Whether the pod has ended by itself.</summary>
    public bool Ended => _phase is "Succeeded" or "Failed";

    /// <summary>Whether it may serve; a pod that leaves does not.</summary>
    public bool Ready => _phase == "Running" && !_leaving && _containers.TrueForAll(container => container.Ready);

    /// <summary>The registry's port on this machine; 0 where this is none.</summary>
    public int RegistryPort => _containers.Find(container => container.IsRegistry)?.Port ?? 0;

    /// <summary>Quay's port on this machine; 0 where this is none.</summary>
    public int QuayPort => _containers.Find(container => container.IsQuay)?.Port ?? 0;

    /// <summary>A container by its name; the first one where none is asked for.</summary>
    public ContainerRun? Container(string? name) => name is null ? _containers[0] : _containers.Concat(_starters).FirstOrDefault(container => container.Name == name);

    /// <summary>Starts it, beside those that run already.</summary>
    /// <param name="attach">Attaches the claims to the pod's node, or says why that can't be now.</param>
    public void Start(Func<PodRun, CancellationToken, Task<string?>> attach) => Completion = Task.Run(() => RunAsync(attach, _stop.Token));

    /// <summary>Ends all containers within the grace, and gives the pod up.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        _leaving = true;
        // First: who waits to mount or to start must not start any more, and who ends must not start again.
        var asked = Task.WhenAll(_containers.Concat(_starters).Select(container => container.StopAsync(grace)));
        await asked;
        await _stop.CancelAsync();
        try
        {
            await Completion;
        }
        catch (OperationCanceledException)
        {
        }
        // Claims stay; logs and Secrets of a pod that is gone do not.
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _stop.Dispose();
        _reporting.Dispose();
    }

    private async Task RunAsync(Func<PodRun, CancellationToken, Task<string?>> attach, CancellationToken cancellationToken)
    {
        var (volumes, index) = await MountAsync(attach, cancellationToken);
        var policy = _pod.Text("spec", "restartPolicy") ?? "Always";
        foreach (var starter in _starters)
        {
            await RunContainerAsync(starter, volumes, index, policy == "Always" ? "OnFailure" : policy, cancellationToken);
            if (starter.ExitCode is not 0)
            {
                await EndAsync("Failed", cancellationToken);
                return;
            }
        }
        _phase = "Running";
        await Task.WhenAll(_containers.Select(container => RunContainerAsync(container, volumes, index, policy, cancellationToken)));
        if (!_leaving)
            await EndAsync(_containers.TrueForAll(container => container.ExitCode == 0) ? "Succeeded" : "Failed", cancellationToken);
    }

    private async Task<(IReadOnlyDictionary<string, string> Volumes, int? Index)> MountAsync(Func<PodRun, CancellationToken, Task<string?>> attach, CancellationToken cancellationToken)
    {
        var told = "";
        while (true)
        {
            await ReportAsync(cancellationToken);
            (string Reason, string Message)? trouble = null;
            try
            {
                if (await attach(this, cancellationToken) is { } reason)
                    trouble = ("FailedAttachVolume", reason);
                else
                    return (await new PodVolumes(_node.Api, _node.Lab, _pod, _folder).MakeAsync(cancellationToken), await PodJob.IndexAsync(_node.Api, _pod, cancellationToken));
            }
            catch (MountException e)
            {
                trouble = ("FailedMount", $"MountVolume.SetUp failed: {e.Message}");
            }
            catch (Exception e) when (KubeApi.MayPass(e))
            {
                // The API server is away.
            }
            if (trouble is { } now && told != now.Message)
            {
                told = now.Message;
                await _node.TellAsync(_pod, "Warning", now.Reason, now.Message, cancellationToken);
            }
            await Task.Delay(Retry, TimeProvider.System, cancellationToken);
        }
    }

    private async Task RunContainerAsync(ContainerRun container, IReadOnlyDictionary<string, string> volumes, int? index, string policy, CancellationToken cancellationToken)
    {
        var pause = TimeSpan.FromSeconds(1);
        while (!_leaving)
        {
            var ran = false;
            try
            {
                ran = await container.RunAsync(volumes, index, () => ReportAsync(cancellationToken), cancellationToken);
            }
            catch (Exception e) when (KubeApi.MayPass(e) && container.ExitCode is null)
            {
                // Its Secrets could not be read now.
            }
            if (ran && (policy == "Never" || (policy == "OnFailure" && container.ExitCode == 0)))
                return;
            if (_leaving)
                return;
            if (ran)
                container.BackOff();
            await ReportAsync(cancellationToken);
            await Task.Delay(ran ? pause : Retry, TimeProvider.System, cancellationToken);
            pause = TimeSpan.FromSeconds(Math.Min(10, pause.TotalSeconds * 2));
        }
    }

    private Task EndAsync(string phase, CancellationToken cancellationToken)
    {
        _phase = phase;
        return ReportAsync(cancellationToken);
    }

    // Writes the status that holds now; again and again while the server is away, and not at all for a pod that is gone.
    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        await _reporting.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                var status = Status();
                var text = status.ToJsonString();
                if (text == _reported)
                    return;
                try
                {
                    await _node.Api.MergeAsync(Names.Pod(_pod.Namespace, _pod.Name) + "/status", new JsonObject { ["metadata"] = new JsonObject { ["uid"] = _pod.Uid }, ["status"] = status }, cancellationToken);
                    _reported = text;
                    return;
                }
                catch (KubeApiException e) when (e.Status == System.Net.HttpStatusCode.NotFound || (e.Status == System.Net.HttpStatusCode.Conflict && e.Message.Contains("uid", StringComparison.OrdinalIgnoreCase)))
                {
                    return;
                }
                catch (Exception e) when (KubeApi.MayPass(e))
                {
                    await Task.Delay(Retry, TimeProvider.System, cancellationToken);
                }
            }
        }
        finally
        {
            _reporting.Release();
        }
    }

    private JsonObject Status()
    {
        var ready = Ready;
        JsonObject Condition(string type, bool holds, string? reason = null)
        {
            var condition = new JsonObject { ["type"] = type, ["status"] = holds ? "True" : "False", ["lastTransitionTime"] = _started };
            if (reason is not null)
                condition["reason"] = reason;
            return condition;
        }
        var waits = ready ? null : Ended ? "PodCompleted" : "ContainersNotReady";
        return new JsonObject
        {
            ["phase"] = _phase,
            ["hostIP"] = "127.0.0.1",
            ["podIP"] = "127.0.0.1",
            ["podIPs"] = new JsonArray(new JsonObject { ["ip"] = "127.0.0.1" }),
            ["startTime"] = _started,
            ["qosClass"] = "BestEffort",
            ["conditions"] = new JsonArray(Condition("Initialized", _starters.TrueForAll(starter => starter.ExitCode == 0)), Condition("Ready", ready, waits), Condition("ContainersReady", ready, waits), Condition("PodScheduled", true)),
            ["initContainerStatuses"] = new JsonArray([.. _starters.Select(container => container.Status())]),
            ["containerStatuses"] = new JsonArray([.. _containers.Select(container => container.Status())]),
        };
    }
}
