using System.Management.Automation;
using RegistryMigration.Engine.Registries;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;

namespace RegistryMigration.Commands.Quay;

/// <summary>Shows a Quay: what its configuration says, what is there, and how it is.</summary>
[Cmdlet(VerbsCommon.Get, "QuayRegistry", DefaultParameterSetName = InCluster)]
[OutputType(typeof(QuayRegistry))]
public sealed class GetQuayRegistryCommand : QuayCommand
{
    /// <summary>Ask Quay how its parts are (/health/endtoend).</summary>
    [Parameter]
    public SwitchParameter Health { get; set; }

    /// <summary>For -Health, a PEM file with authorities to trust besides the system's.</summary>
    [Parameter]
    public string? CertificateAuthority { get; set; }

    /// <summary>For -Health, trust anybody. Warns.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        var tls = new TlsOptions { CertificateAuthorityPath = ResolveFile(CertificateAuthority), SkipCertificateCheck = SkipCertificateCheck };
        Run((object?)Path ?? Namespace, (output, cancellationToken) => ShowAsync(tls, output, cancellationToken));
    }

    private async Task ShowAsync(TlsOptions tls, ICommandOutput output, CancellationToken cancellationToken)
    {
        await foreach (var quay in ReadAsync(output, cancellationToken))
        {
            if (quay.Unread.Count > 0)
                output.Verbose($"Not read of {quay}: {string.Join("; ", quay.Unread)}.");
            await output.WriteAsync(Health ? await AskedAsync(quay, tls, output, cancellationToken) : quay, cancellationToken);
        }
    }

    // A Quay that does not answer is shown nevertheless: its configuration may say why.
    private async Task<QuayRegistry> AskedAsync(QuayRegistry quay, TlsOptions tls, ICommandOutput output, CancellationToken cancellationToken)
    {
        try
        {
            var endpoint = new RegistryEndpoint(quay.Endpoint ?? throw new FormatException($"Nothing says where {quay} is reached (SERVER_HOSTNAME), so it can't be asked how it is.")) { Tls = tls };
            if (tls.SkipCertificateCheck)
                output.Warn(UncheckedWarning(endpoint.ToString()));
            var health = await QuayHealth.ReadAsync(endpoint, StoreContext.Create(Time, new RetryOptions { Attempts = 3 }), cancellationToken);
            output.Verbose($"{endpoint}: {health}.");
            return quay with { Health = health.Services };
        }
        catch (Exception e) when (e is StoreException or FormatException)
        {
            await output.WriteErrorAsync(ErrorMapper.Map(e, quay.ToString()), cancellationToken);
            return quay;
        }
    }
}
