using System.Collections.Concurrent;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>All nodes of the lab's cluster, in one process: scheduler, kubelets, volumes, and the way to the registry.</summary>
public sealed class NodeStandIn : IAsyncDisposable
{
    private readonly NodeContext _context;
    private readonly Background _loops = new();
    private readonly ConcurrentDictionary<string, PodRun> _pods = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task> _endings = new(StringComparer.Ordinal);
    private readonly KubeletServer _kubelet;
    private readonly RegistryFront _front;
    private readonly QuayFront _quay;

    private NodeStandIn(LabState lab, string? worker)
    {
        _context = new NodeContext(new KubeApi(lab.Kube), lab, worker);
        _kubelet = new KubeletServer(lab, Find);
        _front = new RegistryFront(lab, _context.Api, ReadyRegistries);
        _quay = new QuayFront(lab, ReadyQuays);
    }

    /// <summary>Makes the nodes and begins.</summary>
    /// <param name="lab">A lab in which <c>openshift</c> runs.</param>
    /// <param name="worker">The worker: an executable or a dll. What a container runs that has no command of this machine.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<NodeStandIn> StartAsync(LabState lab, string? worker, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lab);
        var node = new NodeStandIn(lab, worker);
        try
        {
            await NodeObjects.MakeAsync(node._context.Api, lab.OpenShift.KubeletPort, cancellationToken);
            await node._kubelet.StartAsync(cancellationToken);
            await node._front.StartAsync(cancellationToken);
            await node._quay.StartAsync(cancellationToken);
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
        var claims = new ClaimKeeper(node._context);
        var scheduler = new Scheduler(node._context);
        node._loops.Repeat("claims", TimeSpan.FromMilliseconds(200), claims.KeepAsync);
        node._loops.Repeat("scheduler", TimeSpan.FromMilliseconds(200), scheduler.ScheduleAsync);
        node._loops.Repeat("kubelet", TimeSpan.Zero, node.WatchAsync);
        return node;
    }

    /// <summary>Ends every container.</summary>
    public async ValueTask DisposeAsync()
    {
        await _loops.DisposeAsync();
        await Task.WhenAll(_endings.Values);
        await Task.WhenAll(_pods.Values.Select(pod => pod.StopAsync(TimeSpan.FromSeconds(3))));
        foreach (var pod in _pods.Values)
            pod.Dispose();
        await _front.DisposeAsync();
        await _quay.DisposeAsync();
        await _kubelet.DisposeAsync();
        _context.Api.Dispose();
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        await foreach (var (pod, gone) in _context.Api.WatchAsync("/api/v1/pods", cancellationToken))
        {
            if (pod.Text("spec", "nodeName") is null)
                continue;
            if (gone)
                End(pod, TimeSpan.FromSeconds(1), delete: false);
            else if (pod.Text("metadata", "deletionTimestamp") is not null)
                End(pod, TimeSpan.FromSeconds(pod.Number("metadata", "deletionGracePeriodSeconds") ?? 30), delete: true);
            else if (pod.Text("status", "phase") is not ("Succeeded" or "Failed") && !_pods.ContainsKey(pod.Uid!))
                Begin(pod);
        }
    }

    private void Begin(Resource pod)
    {
        var run = new PodRun(_context, pod);
        _pods[pod.Uid!] = run;
        run.Start(AttachAsync);
    }

    // Containers first, then the object, as a kubelet does. Beside the watch: a container takes its time to end.
    private void End(Resource pod, TimeSpan grace, bool delete) => _endings.GetOrAdd(pod.Uid!, _ => Task.Run(async () =>
    {
        if (_pods.TryGetValue(pod.Uid!, out var run))
            await run.StopAsync(grace);
        while (delete && !_loops.Stopping.IsCancellationRequested)
        {
            try
            {
                await _context.Api.DeleteAsync(Names.Pod(pod.Namespace, pod.Name), 0, CancellationToken.None, pod.Uid);
                break;
            }
            catch (KubeApiException e) when (e.Status == System.Net.HttpStatusCode.Conflict)
            {
                break;      // another pod of that name
            }
            catch (Exception e) when (KubeApi.MayPass(e))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, CancellationToken.None);
            }
        }
        if (_pods.TryRemove(pod.Uid!, out var ended))
            ended.Dispose();
    }));

    // A ReadWriteOnce volume is attached to one node at a time.
    private async Task<string?> AttachAsync(PodRun run, CancellationToken cancellationToken)
    {
        var node = run.Pod.Text("spec", "nodeName");
        foreach (var name in ClaimsOf(run.Pod))
        {
            if (await _context.Api.FindAsync(Names.Claim(run.Pod.Namespace, name), cancellationToken) is not { } claim)
                return $"persistentvolumeclaim \"{name}\" not found";
            if (claim.Items("spec", "accessModes").Any(mode => mode.GetValue<string>() != "ReadWriteOnce"))
                continue;
            var holder = _pods.Values.FirstOrDefault(other => other is { Attached: true, Ended: false } && other.Pod.Namespace == run.Pod.Namespace
                && other.Pod.Text("spec", "nodeName") != node && ClaimsOf(other.Pod).Contains(name));
            if (holder is not null)
                return $"Multi-Attach error for volume \"pvc-{claim.Uid}\" Volume is already used by pod(s) {holder.Pod.Name}";
        }
        run.Attached = true;
        return null;
    }

    private static List<string> ClaimsOf(Resource pod) =>
        [.. pod.Items("spec", "volumes").Select(volume => volume["persistentVolumeClaim"]?["claimName"]?.GetValue<string>()).OfType<string>()];

    private PodRun? Find(string @namespace, string pod) => _pods.Values.FirstOrDefault(run => run.Pod.Namespace == @namespace && run.Pod.Name == pod);

    private List<int> ReadyQuays() => [.. _pods.Values.Where(run => run is { QuayPort: > 0, Ready: true }).Select(run => run.QuayPort).Order()];

    private List<int> ReadyRegistries() =>
        [.. _pods.Values.Where(run => run.Pod.Namespace == Names.Namespace && run is { RegistryPort: > 0, Ready: true }).Select(run => run.RegistryPort).Order()];
}
