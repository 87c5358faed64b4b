using System.Threading.Channels;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift.Convergence;
using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift;

/// <summary>Waits until the registry is what its configuration asks for.</summary>
/// <remarks>
/// A condition alone proves nothing: <c>Progressing=False</c> is still there from before the change. Therefore the generation that the operator saw,
/// its conditions, the storage in its status, the deployment's counts and environment, and the clusteroperator have to agree at the same moment.
/// </remarks>
public static class RegistryConvergence
{
    /// <summary>Waits by watch.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="expectation">What to wait for.</param>
    /// <param name="timeout">How long at most; <see cref="Timeout.InfiniteTimeSpan"/> is for ever.</param>
    /// <param name="progress">Told what is not yet there, whenever it changes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait; nothing is undone.</param>
    /// <exception cref="ClusterException">
    /// <see cref="ClusterErrorKind.TimedOut"/> with what is not yet there and why; <see cref="ClusterErrorKind.Invalid"/> when the operator refuses the configuration for good;
    /// <see cref="ClusterErrorKind.Conflict"/> when the configuration asks for something else by now.
    /// </exception>
    public static async Task<ConvergenceResult> WaitAsync(
        IKubernetesClient client, RegistryExpectation expectation, TimeSpan timeout, IProgress<string>? progress, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(expectation);
        ArgumentNullException.ThrowIfNull(time);
        var started = time.GetTimestamp();
        using var timer = new CancellationTokenSource(timeout, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        IReadOnlyList<string> missing = ["the cluster has not answered"];
        try
        {
            var judge = new ConvergenceJudge(expectation);
            var last = "";
            await foreach (var state in WatchAsync(client, expectation, stop))
            {
                var verdict = judge.Judge(state);
                missing = verdict.Missing;
                if (missing.Count == 0)
                    return new ConvergenceResult(verdict.Config, time.GetElapsedTime(started), verdict.Warnings);
                var text = string.Join("; ", missing);
                if (text != last)
                    progress?.Report(text);
                last = text;
            }
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
        }

        cancellationToken.ThrowIfCancellationRequested();
        throw await TimedOutAsync(client, timeout, missing, cancellationToken);
    }

    private static async IAsyncEnumerable<ConvergenceState> WatchAsync(IKubernetesClient client, RegistryExpectation expectation, CancellationTokenSource stop)
    {
        List<(ResourceType Type, string? Namespace, ListOptions Options)> watches =
        [
            (OpenShiftTypes.Configs, null, ListOptions.Named(ImageRegistryNames.Config)),
            (ResourceTypes.Deployments, ImageRegistryNames.Namespace, ListOptions.Named(ImageRegistryNames.Deployment)),
            (OpenShiftTypes.ClusterOperators, null, ListOptions.Named(ImageRegistryNames.ClusterOperator)),
        ];
        if (expectation.Routes.Count > 0)
            watches.Add((OpenShiftTypes.Routes, ImageRegistryNames.Namespace, ListOptions.All));

        var token = stop.Token;
        // What comes is a handful of objects; a bound would only let one watch wait for another.
        var told = Channel.CreateUnbounded<(ResourceType Type, WatchEvent? Event)>();
        var state = new ConvergenceState(watches.Select(watch => watch.Type));
        var pumps = Task.WhenAll(watches.Select(watch => PumpAsync(client, watch.Type, watch.Namespace, watch.Options, told.Writer, token)));
        try
        {
            await foreach (var (type, what) in told.Reader.ReadAllAsync(token))
            {
                if (what is null)
                    state.GiveUp(type);
                else
                    state.Take(type, what);
                if (state.IsSynced && !told.Reader.TryPeek(out _))
                    yield return state;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await pumps;
        }
    }

    private static async Task PumpAsync(
        IKubernetesClient client, ResourceType type, string? @namespace, ListOptions options, ChannelWriter<(ResourceType, WatchEvent?)> told, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var what in client.WatchAsync(type, @namespace, options, cancellationToken))
                await told.WriteAsync((type, what), cancellationToken);
            // A watch goes on until cancelled; one that ends must not let the others wait for ever.
            cancellationToken.ThrowIfCancellationRequested();
            throw new ClusterException(ClusterErrorKind.Transient, $"The watch of {type} ended. Run the same command again.");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (ClusterException e) when (e.Kind is ClusterErrorKind.Denied or ClusterErrorKind.NotServed && (type == OpenShiftTypes.ClusterOperators || type == OpenShiftTypes.Routes))
        {
            told.TryWrite((type, null));
        }
#pragma warning disable CA1031 // Handed on whole to the reader of the channel.
        catch (Exception e)
#pragma warning restore CA1031
        {
            told.TryComplete(e);
        }
    }

    private static async Task<ClusterException> TimedOutAsync(IKubernetesClient client, TimeSpan timeout, IReadOnlyList<string> missing, CancellationToken cancellationToken)
    {
        var trouble = await PodTrouble.ReadAsync(client, ImageRegistryNames.RegistryPods, cancellationToken);
        var why = trouble.Count == 0 ? "" : $" Last messages: {string.Join("; ", trouble)}.";
        return new ClusterException(
            ClusterErrorKind.TimedOut,
            $"The registry is not what its configuration asks for after {GoDuration.Format(timeout)}: {string.Join("; ", missing)}.{why} The change stays made and the operator goes on. Look at it with Test-ImageRegistry, or wait again by running the same command with a longer -Timeout.")
        { Target = $"{OpenShiftTypes.Configs}/{ImageRegistryNames.Config}" };
    }
}
