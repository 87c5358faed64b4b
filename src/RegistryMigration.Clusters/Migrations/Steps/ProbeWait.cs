using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Migrations.Steps;

/// <summary>Tries a push until it ends as it has to, where that depends on a restart that somebody makes by hand.</summary>
internal static class ProbeWait
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    // Behind a balancer, one host that was restarted must not answer for one that was not.
    private const int InARow = 3;

    /// <summary>The last try. Everywhere else there is one alone: what a system says is in force has to show at once.</summary>
    public static async Task<PushResult> RunAsync(StepContext context, IWriteGate gate, Func<CancellationToken, Task<PushResult>> probe, Func<PushResult, bool> isProof, CancellationToken cancellationToken)
    {
        var started = context.Time.GetTimestamp();
        var proofs = 0;
        while (true)
        {
            var last = !gate.IsProvenByRestart || context.Time.GetElapsedTime(started) > context.Timeout;
            try
            {
                var push = await probe(cancellationToken);
                proofs = isProof(push) ? proofs + 1 : 0;
                if (last || proofs == (gate.IsProvenByRestart && push.ExpectRefused ? InARow : 1))
                    return push;
                if (proofs > 0)
                    continue;
            }
            // Nobody answers while it restarts.
            catch (StoreException e) when (!last && e.Kind is StoreErrorKind.Unreachable or StoreErrorKind.Transient)
            {
            }

            context.Notices?.Report($"waiting for the registry to be restarted with the new {gate.Target}");
            await Task.Delay(Pause, context.Time, cancellationToken);
        }
    }
}
