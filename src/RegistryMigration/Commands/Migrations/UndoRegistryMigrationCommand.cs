using System.Management.Automation;
using System.Security;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Clusters.Quay;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Migrations;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using RegistryMigration.Registries;
using RegistryMigration.Stores;

namespace RegistryMigration.Commands.Migrations;

/// <summary>Brings back what a migration recorded, last step first. Stops at the first failure, and goes on from there when run again.</summary>
[Cmdlet(VerbsCommon.Undo, "RegistryMigration", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(MigrationStep))]
public sealed class UndoRegistryMigrationCommand : MigrationCommand
{
    // Resolved on the pipeline thread.
    private string? _authorities;

    /// <summary>The id of the last step that stays; everything after it is undone. All is undone when left out.</summary>
    [Parameter]
    public string? To { get; set; }

    /// <summary>Undo also where something is lost by it, or where it can't be proven. The journal keeps that.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>How long the system may take for each thing it is asked; a number is seconds.</summary>
    [Parameter]
    [SecondsArgument]
    public TimeSpan Timeout { get; set; } = StepContext.DefaultTimeout;

    /// <summary>Quay without a cluster: restarts it, once its configuration has been written; where it is left out, somebody does that by hand while the cmdlet waits.</summary>
    [Parameter]
    [OnlyFor(QuaySystem.SystemName, Standalone = true)]
    public ScriptBlock? Restart { get; set; }

    /// <summary>Quay without a cluster: its address, to see what it runs with; what its configuration says when left out.</summary>
    [Parameter]
    [OnlyFor(QuaySystem.SystemName, Standalone = true)]
    public string? Registry { get; set; }

    /// <summary>Quay without a cluster: user and password of an account that may push, to see whether pushes are blocked.</summary>
    [Parameter]
    [OnlyFor(QuaySystem.SystemName, Standalone = true)]
    public PSCredential? Credential { get; set; }

    /// <summary>Quay without a cluster: a bearer token of an account that may push.</summary>
    [Parameter]
    [OnlyFor(QuaySystem.SystemName, Standalone = true)]
    public SecureString? Token { get; set; }

    /// <summary>Quay without a cluster: where the push is tried; below the user's name when left out.</summary>
    [Parameter]
    [OnlyFor(QuaySystem.SystemName, Standalone = true)]
    public string? Repository { get; set; }

    /// <summary>Quay without a cluster: a PEM file with authorities to trust besides the system's, at Quay and at its old storage.</summary>
    [Parameter]
    [OnlyFor(QuaySystem.SystemName, Standalone = true)]
    public string? CertificateAuthority { get; set; }

    /// <summary>Quay without a cluster: trust anybody at Quay. Warns.</summary>
    [Parameter]
    [OnlyFor(QuaySystem.SystemName, Standalone = true)]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        if (Repository is not null && !ImageReference.IsRepository(Repository))
            Refuse("InvalidArgument", $"'{Repository}' is not a repository name. Expected lower-case parts joined by '/', without the registry's host.", Repository);
        _authorities = ResolveFile(CertificateAuthority);
        WarnWhenUnchecked(Tls, Registry ?? "the registry");
        var items = new List<(string Id, string Description)>();
        UndoPlan? plan = null;
        if (!Run(Migration, async (output, cancellationToken) => plan = await PlanAsync(items, output, cancellationToken)))
            return;
        if (items.Count == 0)
        {
            WriteVerbose($"Migration {Migration} has nothing to undo.");
            return;
        }

        if (IsWhatIf)
            ShowPlan(items, plan!);
        else if (ShouldProcess(
            $"Undo {items.Count} steps of migration {Migration}",
            $"{string.Join(Environment.NewLine, items.Select(item => $"Undo {item.Id}: restore {item.Description}"))}{(plan!.Loss is not { } loss ? "" : $"{Environment.NewLine}Something is lost by that: {loss}")}",
            $"Undo the migration {Migration}?"))
            Run(Migration, UndoAsync);
    }

    private TlsOptions Tls => new() { CertificateAuthorityPath = _authorities, SkipCertificateCheck = SkipCertificateCheck };

    private async Task<UndoPlan> PlanAsync(List<(string Id, string Description)> items, ICommandOutput output, CancellationToken cancellationToken)
    {
        return await ReadMigrationAsync(output, (migration, client) =>
        {
            var found = MigrationUndo.Plan(migration, Undos(migration, client, output), To);
            if (!IsWhatIf)
                found.Require();
            items.AddRange(found.Items.Select(item => (item.Step.Id, item.Description)));
            return found;
        }, cancellationToken);
    }

    private void ShowPlan(List<(string Id, string Description)> items, UndoPlan plan)
    {
        if (plan.Obstacle is { } obstacle)
            WriteWarning($"This undo would be refused: {obstacle}");
        if (plan.Loss is { } loss)
            WriteWarning($"This undo would lose something: {loss}{(Force ? "" : " It would be refused without -Force.")}");
        foreach (var (id, description) in items)
            ShouldProcess(description, $"Undo {id}: restore");
    }

    private async Task UndoAsync(ICommandOutput output, CancellationToken cancellationToken)
    {
        await using var open = await OpenMigrationAsync(output, cancellationToken);
        await foreach (var step in MigrationUndo.RunAsync(open.Run, Undos(open.Run.Info, open.Client, output), To, Force, cancellationToken))
            await output.WriteAsync(step, cancellationToken);
    }

    private IReadOnlyDictionary<string, IStepUndo> Undos(RegistryMigrationInfo migration, IKubernetesClient? client, ICommandOutput output)
    {
        var context = Context(migration, client, Timeout, Restart, output);
        return MigrationSystems.UndosFor(context, new UndoRequest { Registry = Registry, Tls = Tls, Force = Force, Probe = Credential is null && Repository is null ? null : token => ProbeAsync(context, token) });
    }

    private async Task<PushResult> ProbeAsync(StepContext context, CancellationToken cancellationToken)
    {
        var system = MigrationSystems.Of(context.Migration);
        var endpoint = EndpointParameters.Read(Registry ?? await system.FindEndpointAsync(context, cancellationToken), Credential, Token, _authorities, SkipCertificateCheck);
        return await PushProbe.In(Repository, system, endpoint, Time).ExpectRefusedAsync(cancellationToken);
    }
}
