using System.Management.Automation;

namespace RegistryMigration.Commands.Quay;

/// <summary>Deletes a service key, once no Quay needs it: whoever has its private key can sign in Quay's name.</summary>
[Cmdlet(VerbsCommon.Remove, "QuayServiceKey", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveQuayServiceKeyCommand : QuayKeyCommand
{
    /// <summary>The key's id (kid): the user name of what New-QuayServiceKey gives.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("UserName", "Kid")]
    [ValidateNotNullOrEmpty]
    public string Id { get; set; } = "";

    /// <inheritdoc />
    protected override void ProcessRecord() =>
        RunAsked($"Delete the service key {Id}", (keys, _, cancellationToken) => keys.RemoveAsync(Id, cancellationToken));
}
