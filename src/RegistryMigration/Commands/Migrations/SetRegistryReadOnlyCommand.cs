using System.Management.Automation;
using System.Security;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.OpenShift.Steps;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Engine.Registries;
using RegistryMigration.Engine.Registries.Proofs;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;
using RegistryMigration.Registries;

namespace RegistryMigration.Commands.Migrations;

/// <summary>Blocks writes to a registry and proves it by a push that is refused, or allows them again and proves it by a push that is pulled back.</summary>
[Cmdlet(VerbsCommon.Set, "RegistryReadOnly", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(MigrationStep))]
public sealed class SetRegistryReadOnlyCommand : MigrationStepCommand
{
    /// <summary>The registry to try a push at; the one that the system tells of (OpenShift's route) when left out.</summary>
    [Parameter(Position = 1)]
    public string? Registry { get; set; }

    /// <summary>Allow writes again.</summary>
    [Parameter]
    public SwitchParameter Off { get; set; }

    /// <summary>User and password of an account that may push.</summary>
    [Parameter]
    public PSCredential? Credential { get; set; }

    /// <summary>A bearer token of an account that may push.</summary>
    [Parameter]
    public SecureString? Token { get; set; }

    /// <summary>A PEM file with authorities to trust besides the system's.</summary>
    [Parameter]
    public string? CertificateAuthority { get; set; }

    /// <summary>Trust anybody. Warns.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>Where the probe goes; a repository of its own when left out. OpenShift wants one in a project that exists.</summary>
    [Parameter]
    public string Repository { get; set; } = ProbeRepositories.OpenShift;

    /// <summary>With -Off: allow writes although no image was pulled from the new storage with proof. Recorded.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        if (!ImageReference.IsRepository(Repository))
            Refuse("InvalidArgument", $"'{Repository}' is not a repository name. Expected lower-case parts joined by '/', without the registry's host.", Repository);
        if (Force && !Off)
            Refuse("InvalidArgument", "-Force belongs to -Off: that writes are blocked is always proven.", Migration);
        RunStep(Off ? "Allow writes again and prove it by a push" : "Block writes and prove it by a push that is refused", MakeAsync);
    }

    private async Task<IMigrationStep> MakeAsync(RegistryMigrationInfo migration, StepWork work, CancellationToken cancellationToken)
    {
        var endpoint = await EndpointAsync(work.Client, cancellationToken);
        var holds = (await ImageRegistryReader.ReadConfigAsync(work.Client, cancellationToken)).Flag("spec", "readOnly") == true != Off;
        return Off
            ? new AllowWritesStep(RecurringStep.IdOf(migration.Steps, StepActions.AllowWrites, holds), migration.Steps, token => PushAsync(endpoint, work.Client, token), work, Force)
            : new BlockWritesStep(RecurringStep.IdOf(migration.Steps, StepActions.BlockWrites, holds), migration.Steps, token => ExpectRefusedAsync(endpoint, token), work);
    }

    // Before anything is changed: a block that can't be proven would hold up everybody for nothing.
    private async Task<RegistryEndpoint> EndpointAsync(IKubernetesClient client, CancellationToken cancellationToken)
    {
        var registry = Registry ?? (await ImageRegistryReader.ReadRoutesAsync(client, cancellationToken)).OrderByDescending(route => route.IsDefault).FirstOrDefault(route => route is { Exists: true, Registry: not null })?.Registry
            ?? throw new ClusterException(ClusterErrorKind.Precondition, "The registry has no route, so it is not known where to try a push. Give -Registry, or make the default route with Set-ImageRegistry -DefaultRoute $true.");
        return EndpointParameters.Read(registry, Credential, Token, ResolveFile(CertificateAuthority), SkipCertificateCheck);
    }

    private async Task<PushResult> ExpectRefusedAsync(RegistryEndpoint endpoint, CancellationToken cancellationToken)
    {
        using var registry = new RegistryClient(endpoint, StoreContext.Create(Time));
        return await new PushProof(registry, Time).ExpectRefusedAsync(Repository, cancellationToken);
    }

    private async Task<PushResult> PushAsync(RegistryEndpoint endpoint, IKubernetesClient client, CancellationToken cancellationToken)
    {
        using var registry = new RegistryClient(endpoint, StoreContext.Create(Time));
        var push = await new PushProof(registry, Time).PushAsync(Repository, cancellationToken);
        if (Repository == ProbeRepositories.OpenShift)
            await ProbeRepositories.RemoveAsync(client, cancellationToken);
        return push;
    }
}
