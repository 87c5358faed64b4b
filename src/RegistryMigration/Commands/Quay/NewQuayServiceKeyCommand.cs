using System.Management.Automation;
using RegistryMigration.Stores;

namespace RegistryMigration.Commands.Quay;

/// <summary>Makes a service key, which a Quay needs while it is read-only: its id (kid) as user name and its private key as password.</summary>
[Cmdlet(VerbsCommon.New, "QuayServiceKey", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(PSCredential))]
public sealed class NewQuayServiceKeyCommand : QuayKeyCommand
{
    // Longer than a migration is kept open: an undo makes Quay read-only once more, with the same key.
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    /// <summary>What Quay's superuser panel shows it as.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "registry-migration";

    /// <summary>Until when Quay accepts it; 30 days from now when left out. A Quay that is still read-only then serves nobody.</summary>
    [Parameter]
    public DateTime? Expiration { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        var now = Time.GetUtcNow();
        // A time without a zone is this machine's.
        var expiration = Expiration is { } given ? new DateTimeOffset(given.Kind == DateTimeKind.Unspecified ? DateTime.SpecifyKind(given, DateTimeKind.Local) : given) : now + Lifetime;
        if (expiration <= now)
            Refuse("InvalidArgument", $"-Expiration {expiration:u} is over. Give a time until which the migration will be completed or undone, hold period included: (Get-Date).AddDays(30).", Expiration);
        RunAsked($"Make the service key '{Name}', which expires at {expiration:u}", async (keys, output, cancellationToken) =>
        {
            var key = await keys.CreateAsync(Name, expiration, cancellationToken);
            output.Verbose($"Service key {key.Id} is accepted until {expiration:u}.");
            await output.WriteAsync(new PSCredential(key.Id, Secrets.Secure(key.PrivateKey)), cancellationToken);
        });
    }
}
