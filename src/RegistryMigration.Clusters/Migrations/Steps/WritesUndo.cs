using System.Text.Json.Nodes;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Migrations.Steps;

/// <summary>Brings back whether writes were blocked before they were blocked or allowed; where only a restart by hand makes that so, a push proves it.</summary>
/// <param name="action"><see cref="StepActions.BlockWrites"/> or <see cref="StepActions.AllowWrites"/>.</param>
/// <param name="gate">How the system is told.</param>
/// <param name="context">The clock, and how long to wait.</param>
/// <param name="request">How it is proven.</param>
public sealed class WritesUndo(string action, IWriteGate gate, StepContext context, UndoRequest request) : IStepUndo
{
    /// <inheritdoc />
    public string Action => action;

    /// <inheritdoc />
    public string Describe(MigrationStep step) => $"{step?.Target}: {(step?.Before is { } before ? gate.Describe(before) : "nothing recorded")}";

    /// <inheritdoc />
    public string? ObstacleOf(MigrationStep step) => gate.IsProvenByRestart && request is { Probe: null, Force: false } && step?.Before is { } before && before[WayBack.Follows] is null
        ? $"Only a push shows whether the registry was restarted with its former {gate.Target}: give -Credential of an account that may push; or -Force, which undoes without a proof and records that."
        : null;

    /// <inheritdoc />
    public async Task<string> UndoAsync(MigrationStep step, CancellationToken cancellationToken)
    {
        if (step?.Before is not { } before)
            return "nothing was recorded, so nothing was changed";
        if (before[WayBack.Follows] is { } earlier)
            return $"left read-only until {earlier} is undone: writes must not reach the storage that is being left";
        var restored = await gate.RestoreAsync(before, cancellationToken);
        return gate.IsProvenByRestart ? $"{restored}; {await ProveAsync(before, cancellationToken)}" : restored;
    }

    private async Task<string> ProveAsync(JsonObject before, CancellationToken cancellationToken)
    {
        var wanted = WayBack.WasReadOnly(before) ? WriteVerdict.Refused : WriteVerdict.Accepted;
        if (request.Probe is not { } probe)
            return "not proven by a push (-Force)";
        string seen;
        try
        {
            var push = await ProbeWait.RunAsync(context, gate, probe, push => push.Verdict == wanted, cancellationToken);
            if (push.Verdict == wanted)
                return $"{push.Registry} {(wanted == WriteVerdict.Refused ? "refuses pushes" : "takes pushes")} ({push.StatusCode})";
            seen = push.Message;
        }
        catch (StoreException e) when (request.Force)
        {
            seen = e.Message;
        }

        return request.Force
            ? $"not proven by a push (-Force): {seen}"
            : throw new ClusterException(ClusterErrorKind.Precondition, $"{gate.Target} is as it was, and that the registry runs with it is not proven: {seen} It reads its configuration at its start only: was it restarted, on every host? Run the same command again then; or with -Force, which undoes without a proof and records that.") { Target = gate.Target };
    }
}
