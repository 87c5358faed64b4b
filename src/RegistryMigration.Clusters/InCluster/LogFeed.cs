using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>Follows the logs of running pods side by side, for progress and warnings. What it misses costs a line of progress and nothing else.</summary>
internal sealed class LogFeed(IKubernetesClient client, ProgressMerge progress, Action<string> warn, TimeProvider time, CancellationToken cancellationToken) : IAsyncDisposable
{
    // Enough to see where a pod is when a session attaches to it again.
    private const int TailLines = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private readonly Dictionary<string, Task> _followed = new(StringComparer.Ordinal);

    /// <summary>Follows the pods that run and are not followed yet.</summary>
    public void Follow(SyncState state)
    {
        foreach (var part in state.Parts.Where(part => part.Phase == state.Current.Name))
        {
            if (part is { State: RegistrySyncPartState.Running, Pod: { } pod })
            {
                if (!_followed.TryGetValue(pod.Name, out var task) || task.IsCompleted)
                    _followed[pod.Name] = FollowAsync(part, pod, again: task is not null);
            }
            else if (part.State == RegistrySyncPartState.Succeeded)
            {
                progress.Finish(part.Phase, part.Index);
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_followed.Values);
        _end.Dispose();
    }

    private async Task FollowAsync(SyncPart part, Resource pod, bool again)
    {
        try
        {
            // The stream was cut, or ended a moment before the pod: not at once again.
            if (again)
                await Task.Delay(Pause, time, _end.Token);
            await foreach (var line in client.ReadLogAsync(pod.Namespace!, pod.Name, new LogOptions { Container = SyncNames.Container, Follow = true, Tail = again ? 1 : TailLines }, _end.Token))
                Take(part, pod, WorkerLine.Read(line));
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
        }
        catch (ClusterException e) when (e.Kind != ClusterErrorKind.Denied)
        {
            // The node is slow, the API server restarts, the pod is gone: the next look decides.
        }
        catch (ClusterException e)
        {
            warn($"Progress can't be shown: {e.Message}");
        }
    }

    private void Take(SyncPart part, Resource pod, WorkerLine line)
    {
        if (line.Progress is { } where)
            progress.Report(part.Phase, part.Index, where);
        else if (line is { IsWarning: true, Text: { } text })
            warn($"{pod.Name}: {text}");
    }
}
