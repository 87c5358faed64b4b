using System.Management.Automation;
using System.Security;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Clusters.Quay;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Migrations;
using RegistryMigration.Model;
using RegistryMigration.Registries;
using RegistryMigration.Stores;

namespace RegistryMigration.Commands.Migrations;

/// <summary>Blocks writes to a registry and proves it by a push that is refused, or allows them again and proves it by a push that is pulled back.</summary>
[Cmdlet(VerbsCommon.Set, "RegistryReadOnly", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(MigrationStep))]
public sealed class SetRegistryReadOnlyCommand : MigrationStepCommand
{
    /// <summary>The registry to try a push at; the one that the system tells of (OpenShift's route, Quay's endpoint) when left out.</summary>
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

    /// <summary>Where the probe goes; a repository of its own when left out: in OpenShift in the registry's project, in Quay below the user's name.</summary>
    [Parameter]
    public string? Repository { get; set; }

    /// <summary>Quay: make the database read-only too (<c>REGISTRY_STATE: readonly</c>), signing with a key that a superuser made, as New-QuayServiceKey gives it: its id (kid) as user name, its private key (PEM) as password. When left out, <c>DISABLE_PUSHES</c> is set.</summary>
    [Parameter]
    [OnlyFor(QuaySystem.SystemName)]
    public PSCredential? ServiceKey { get; set; }

    /// <summary>Quay without a cluster: restarts it, once its configuration has been written; where it is left out, somebody does that by hand while the cmdlet waits.</summary>
    [Parameter]
    [OnlyFor(QuaySystem.SystemName, Standalone = true)]
    public ScriptBlock? Restart { get; set; }

    /// <summary>With -Off: allow writes although no image was pulled from the new storage with proof. Recorded.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc />
    private protected override ScriptBlock? Restarting => Restart;

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        if (Repository is not null && !ImageReference.IsRepository(Repository))
            Refuse("InvalidArgument", $"'{Repository}' is not a repository name. Expected lower-case parts joined by '/', without the registry's host.", Repository);
        if (Force && !Off)
            Refuse("InvalidArgument", "-Force belongs to -Off: that writes are blocked is always proven.", Migration);
        if (ServiceKey is not null && Off)
            Refuse("InvalidArgument", "-ServiceKey is for blocking writes; -Off takes back what that wrote.", Migration);
        RunStep(Off ? "Allow writes again and prove it by a push" : "Block writes and prove it by a push that is refused", MakeAsync);
    }

    private async Task<IMigrationStep> MakeAsync(StepContext context, CancellationToken cancellationToken)
    {
        var system = MigrationSystems.Of(context.Migration);
        // Before anything is changed: a block that can't be proven would hold up everybody for nothing.
        var endpoint = EndpointParameters.Read(Registry ?? await system.FindEndpointAsync(context, cancellationToken), Credential, Token, ResolveFile(CertificateAuthority), SkipCertificateCheck);
        var probe = PushProbe.In(Repository, system, endpoint, Time);
        return Off
            ? await system.AllowWritesAsync(context, new AllowRequest(PushAsync, Force), cancellationToken)
            : await system.BlockWritesAsync(context, new BlockRequest(probe.ExpectRefusedAsync) { ServiceKey = Key() }, cancellationToken);

        async Task<PushResult> PushAsync(CancellationToken token)
        {
            var push = await probe.PushAsync(token);
            await system.RemoveProbeAsync(context, probe.Repository, token);
            return push;
        }
    }

    private QuayServiceKey? Key() => ServiceKey is { } key ? new QuayServiceKey(key.UserName, Secrets.Of(key.Password)!) : null;
}
