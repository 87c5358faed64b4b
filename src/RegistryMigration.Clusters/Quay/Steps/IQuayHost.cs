using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay.Steps;

/// <summary>Where a Quay's configuration is kept, and how a changed one comes into force.</summary>
internal interface IQuayHost
{
    /// <summary>What is changed, for people.</summary>
    string Target { get; }

    /// <summary>Whether somebody has to restart Quay before a change shows.</summary>
    bool IsRestartedByHand { get; }

    /// <summary>Reads it.</summary>
    Task<QuayNow> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Whether Quay takes writes, by what it runs with: also where what it was given can't be read any more, which an undo mends.</summary>
    Task<QuayState> ReadStateAsync(CancellationToken cancellationToken);

    /// <summary>Records what is there, and what it is to become. Changes nothing, and keeps no secret.</summary>
    /// <param name="now">The Quay as it was read.</param>
    /// <param name="edit">What it is to become.</param>
    /// <param name="step">The step's id, for names of what is made.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<JsonObject> CaptureAsync(QuayNow now, QuayEdit edit, string step, CancellationToken cancellationToken);

    /// <summary>Makes the change and waits until Quay runs with it, as far as that can be seen from here. Runs again after a crash at any point.</summary>
    /// <param name="before">What was captured.</param>
    /// <param name="edit">Makes the change anew from the configuration that was there; what comes out has to be what was captured.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What runs so, in words.</returns>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.Precondition"/>: somebody changed the configuration meanwhile.</exception>
    Task<string> ApplyAsync(JsonObject before, Func<QuayNow, QuayEdit> edit, CancellationToken cancellationToken);

    /// <summary>Takes away what a change leaves unused, once Quay is proven to run with it.</summary>
    Task SettleAsync(JsonObject before, CancellationToken cancellationToken);

    /// <summary>Brings back what was captured, and waits as <see cref="ApplyAsync"/> does.</summary>
    Task<string> RestoreAsync(JsonObject before, CancellationToken cancellationToken);

    /// <summary>A storage location as <see cref="RestoreAsync"/> brings it back; null where there was none of that name.</summary>
    Task<QuayStorageLocation?> FindFormerAsync(JsonObject before, string location, CancellationToken cancellationToken);

    /// <summary>What <see cref="RestoreAsync"/> would bring back, in words.</summary>
    string Describe(JsonObject before);
}
