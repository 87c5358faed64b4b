using System.Management.Automation;
using RegistryMigration.Engine.Registries;
using RegistryMigration.Engine.Registries.Proofs;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;

namespace RegistryMigration.Commands.Registries;

/// <summary>Finds out by trying whether a registry takes writes.</summary>
[Cmdlet(VerbsDiagnostic.Test, "RegistryPush", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(PushResult), typeof(bool))]
public sealed class TestRegistryPushCommand : RegistryEndpointCommand
{
    /// <summary>Where the probe goes; a name of its own when left out.</summary>
    [Parameter(Position = 1)]
    public string? Repository { get; set; }

    /// <summary>Prove that writes are refused; nothing is written where they are not.</summary>
    [Parameter]
    public SwitchParameter ExpectRefused { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        if (Repository is not null && !ImageReference.IsRepository(Repository))
            Refuse("InvalidArgument", $"'{Repository}' is not a repository name. Expected lower-case parts joined by '/', without the registry's host.", Repository);
        var endpoint = Connect();
        if (ShouldProcess(endpoint.ToString(), ExpectRefused ? "Begin an upload, and cancel it if it is accepted" : "Push a small probe image, pull it, and delete it"))
            Run(endpoint, (output, cancellationToken) => ProbeAsync(endpoint, output, cancellationToken));
    }

    private async Task ProbeAsync(RegistryEndpoint endpoint, ICommandOutput output, CancellationToken cancellationToken)
    {
        using var client = new RegistryClient(endpoint, StoreContext.Create(Time));
        var proof = new PushProof(client, Time);
        var result = ExpectRefused ? await proof.ExpectRefusedAsync(Repository, cancellationToken) : await proof.PushAsync(Repository, cancellationToken);
        if (!result.Ok)
            output.Warn(result.Message);
        if (result.Leftover is { } leftover)
            output.Warn($"The probe left something behind: {leftover}.");
        await output.WriteAsync(Quiet ? result.Ok : result, cancellationToken);
    }
}
