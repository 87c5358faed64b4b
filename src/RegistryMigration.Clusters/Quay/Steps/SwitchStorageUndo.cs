using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Clusters.Quay.Drivers;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay.Steps;

/// <summary>Makes Quay use its old storage again. Writes stay blocked: their own undo comes after.</summary>
/// <param name="host">Where the configuration is.</param>
/// <param name="context">The migration so far, and how long to wait.</param>
/// <param name="request">How it is proven.</param>
internal sealed class SwitchStorageUndo(IQuayHost host, StepContext context, UndoRequest request) : IStepUndo
{
    /// <inheritdoc />
    public string Action => StepActions.SwitchBackend;

    /// <inheritdoc />
    public string Describe(MigrationStep step) => step?.Before is { } before ? $"{before["location"]}: {host.Describe(before)}" : "nothing recorded";

    /// <inheritdoc />
    public async Task<string> UndoAsync(MigrationStep step, CancellationToken cancellationToken)
    {
        if (step?.Before is not { } before)
            return "nothing was recorded, so nothing was changed";
        if (WayBack.WasReadOnly(before) && await host.ReadStateAsync(cancellationToken) == QuayState.Normal)
            throw Refused("Quay takes writes, though no step of this migration allowed them: what was pushed would be lost. Run Set-RegistryReadOnly, copy back with Sync-RegistryBlobs, then undo again.");
        if (!host.IsRestartedByHand)
            return await host.RestoreAsync(before, cancellationToken);
        var (proof, obstacle) = await BeginProofAsync(step, before, cancellationToken);
        await using (proof)
        {
            var restored = await host.RestoreAsync(before, cancellationToken);
            if (proof is null)
                return $"{restored}; not proven (-Force): {obstacle}";
            try
            {
                var now = await host.ReadAsync(cancellationToken);
                return $"{restored}; {await proof.WaitAsync(now.Registry, request.Registry, request.Tls, host.IsRestartedByHand, cancellationToken)}";
            }
            catch (ClusterException e) when (request.Force && e.Kind == ClusterErrorKind.Precondition)
            {
                return $"{restored}; not proven (-Force): {e.Message}";
            }
        }
    }

    // Before anything is changed: what can't be seen here must not hold up Quay half way.
    private async Task<(StorageProof? Proof, string? Obstacle)> BeginProofAsync(MigrationStep step, JsonObject before, CancellationToken cancellationToken)
    {
        var former = await host.FindFormerAsync(before, (string)before[SwitchStorageStep.Name]!, cancellationToken);
        try
        {
            if (former?.Store is null)
                throw new FormatException(former?.Problem ?? $"the configuration of before has no location {before[SwitchStorageStep.Name]}.");
            var store = StoreOf(former, step);
            await using var open = await StoreFactory.OpenAsync(store, StoreContext.Create(context.Time), null, cancellationToken);
            if (!open.Found)
                throw new FormatException($"{store} holds nothing that looks like Quay's storage, seen from here.");
            return (await StorageProof.BeginAsync(store, open.Root.TrimEnd('/'), StorageProof.Old, context, cancellationToken), null);
        }
        catch (Exception e) when (e is StoreException or FormatException)
        {
            return request.Force
                ? (null, e.Message)
                : throw Refused($"Quay's own writing to its old storage proves the undo, and that can't be looked at from here: {e.Message} Nothing was changed. Remove the cause (-CertificateAuthority says whom to trust there); or undo with -Force, which records that it is not proven, and look yourself: Get-QuayRegistry -Health, and a pull.");
        }
    }

    private RegistryStore StoreOf(QuayStorageLocation former, MigrationStep step)
    {
        if (former.Store!.Address.Kind != StoreKind.FileSystem)
            return request.Tls.CertificateAuthorityPath is { } authorities ? DriverStores.Trusting(former, new TlsOptions { CertificateAuthorityPath = authorities }).Store! : former.Store;
        // A directory goes by another path within Quay's container; it is what was copied from.
        var copied = context.Migration.Passes.LastOrDefault(pass => pass.Destination == step.Target && StoreAddress.Parse(pass.Source).Kind == StoreKind.FileSystem)?.Source;
        return new RegistryStore(copied is null ? former.Store.Address : StoreAddress.Parse(copied));
    }

    private ClusterException Refused(string message) => new(ClusterErrorKind.Precondition, message) { Target = host.Target };
}
