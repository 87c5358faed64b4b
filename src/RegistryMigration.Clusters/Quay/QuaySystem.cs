using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Clusters.Migrations.Steps;
using RegistryMigration.Clusters.Quay.Drivers;
using RegistryMigration.Clusters.Quay.Steps;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay;

/// <summary>Quay, under its operator or standalone.</summary>
public sealed class QuaySystem : IMigrationSystem
{
    /// <summary>What migrations of this system say as <see cref="RegistryMigrationInfo.System"/>.</summary>
    public const string SystemName = "Quay";

    /// <summary>The only instance.</summary>
    public static readonly QuaySystem Instance = new();

    private const string Probe = "registrymigration-probe";

    private QuaySystem()
    {
    }

    /// <inheritdoc />
    public string Name => SystemName;

    /// <inheritdoc />
    public async Task<string> FindEndpointAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return (await HostOf(context).ReadAsync(cancellationToken)).Registry.Endpoint
            ?? throw new ClusterException(ClusterErrorKind.Precondition, "Nothing says where Quay is reached (status.registryEndpoint, SERVER_HOSTNAME). Give -Registry.");
    }

    /// <inheritdoc />
    public string? ProbeRepository(string? user)
    {
        // A robot account is organization+robot or user+robot, and may push to its owner's repositories where it was given that right.
        var owner = user?.Split('+')[0];
        return owner is not null && ImageReference.IsRepository($"{owner}/{Probe}") ? $"{owner}/{Probe}" : null;
    }

    /// <inheritdoc />
    public Task RemoveProbeAsync(StepContext context, string repository, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public async Task<IMigrationStep> BlockWritesAsync(StepContext context, BlockRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(request);
        var host = HostOf(context);
        var id = RecurringStep.IdOf(context.Migration.Steps, StepActions.BlockWrites, await IsReadOnlyAsync(host, cancellationToken));
        var terms = new StepTerms().AddSecret("-ServiceKey", request.ServiceKey is { } key ? $"{key.Id}\n{key.PrivateKey.Reveal()}" : null, request.ServiceKey is not null);
        return Asked(context, new BlockWritesStep(id, context, request.Probe, new StateGate(id, context.Migration, host, request.ServiceKey)), terms);
    }

    /// <inheritdoc />
    public async Task<IMigrationStep> AllowWritesAsync(StepContext context, AllowRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var host = HostOf(context);
        var id = RecurringStep.IdOf(context.Migration.Steps, StepActions.AllowWrites, !await IsReadOnlyAsync(host, cancellationToken));
        return new AllowWritesStep(id, context, request, new StateGate(id, context.Migration, host));
    }

    /// <inheritdoc />
    public async Task<IMigrationStep> SwitchAsync(StepContext context, SwitchRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(request);
        var destination = request.Destination ?? throw new ArgumentException("Quay is switched to a store.", nameof(request));
        if (RemovalGate.SwitchOf(context.Migration.Steps) is { } done && done.Target != destination.ToString())
            throw new ClusterException(ClusterErrorKind.Precondition, $"This migration switched to {done.Target} already, and nothing was changed now. Undo that first, or begin another migration to {destination}.");
        var host = HostOf(context);
        // Where somebody has changed it back since, it has to be done anew.
        var holds = RemovalGate.SwitchOf(context.Migration.Steps) is not { } known || SwitchStorageStep.IsInUse((await host.ReadAsync(cancellationToken)).Registry, known);
        var id = RecurringStep.IdOf(context.Migration.Steps, StepActions.SwitchBackend, holds);
        // Quay knows nothing of this machine's profiles and files.
        var explicitly = await ExplicitStore.OfAsync(destination, cancellationToken);
        if (explicitly.S3.SessionToken is not null && request.Account is null && !RoleDriver.IsPods(request.DriverSettings))
            throw new ClusterException(ClusterErrorKind.Precondition, $"This machine's credentials for {destination} are temporary, and Quay would lose its storage when they expire. Give an account of its own with -StorageCredential.");
        var step = new SwitchStorageStep(id, context, request with { Destination = explicitly }, host);
        return Asked(context, step, step.Terms);
    }

    /// <inheritdoc />
    public async Task<bool> UsesAsync(StepContext context, MigrationStep switched, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return SwitchStorageStep.IsInUse((await HostOf(context).ReadAsync(cancellationToken)).Registry, switched);
    }

    /// <inheritdoc />
    public IEnumerable<IStepUndo> Undos(StepContext context, UndoRequest request)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context is { Client: null, Migration.ConfigurationPath: null })
            return [];
        var host = HostOf(context);
        var gate = new StateGate("", context.Migration, host);
        return [new WritesUndo(StepActions.BlockWrites, gate, context, request), new WritesUndo(StepActions.AllowWrites, gate, context, request), new SwitchStorageUndo(host, context, request)];
    }

    private static IQuayHost HostOf(StepContext context) => context switch
    {
        { Migration.ConfigurationPath: not null } => new StandaloneQuay(context),
        { Client: { } client } => new OperatedQuay(client, context),
        _ => throw new ClusterException(ClusterErrorKind.Precondition, $"Migration {context.Migration.Name} knows neither a cluster nor a configuration file of Quay. Log in with Connect-RegistryCluster, or begin it with New-RegistryMigration -Path."),
    };

    private static AskedStep Asked(StepContext context, IMigrationStep step, StepTerms terms)
    {
        terms.Require(context.Migration.Steps.FirstOrDefault(known => known.Id == step.Id));
        return new AskedStep(step, terms);
    }

    private static async Task<bool> IsReadOnlyAsync(IQuayHost host, CancellationToken cancellationToken) => await host.ReadStateAsync(cancellationToken) != QuayState.Normal;
}
