using System.Management.Automation;
using System.Security;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.OpenShift.Diagnosis;
using RegistryMigration.Commands.Clusters;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using RegistryMigration.Stores;

namespace RegistryMigration.Commands.OpenShift;

/// <summary>Finds out what is wrong with OpenShift's image registry: ordered checks from its operator to a pull, each with evidence and next step.</summary>
[Cmdlet(VerbsDiagnostic.Test, "ImageRegistry")]
[OutputType(typeof(RegistryCheck), typeof(bool))]
public sealed class TestImageRegistryCommand : ClusterCommand
{
    /// <summary>The registry to pull from; no pull when left out.</summary>
    [Parameter]
    public string? Registry { get; set; }

    /// <summary>User and password for the pull.</summary>
    [Parameter]
    public PSCredential? Credential { get; set; }

    /// <summary>A bearer token for the pull; one of OpenShift does.</summary>
    [Parameter]
    public SecureString? Token { get; set; }

    /// <summary>A PEM file with authorities to trust for the pull besides the system's.</summary>
    [Parameter]
    public string? CertificateAuthority { get; set; }

    /// <summary>Trust anybody for the pull. Warns.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>How many images to pull.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int Sample { get; set; } = new DiagnosisOptions().Sample;

    /// <summary>Answer true or false only: false when a check failed.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        try
        {
            var options = Options(ResolveFile);
            if (options.Registry is { } registry)
                WarnWhenUnchecked(registry.Tls, registry.ToString());
            Run((client, output, cancellationToken) => TestAsync(client, options, output, cancellationToken));
        }
        catch (FormatException e)
        {
            Refuse("InvalidArgument", e.Message);
        }
    }

    /// <summary>The options that the parameters stand for.</summary>
    /// <exception cref="FormatException">The registry's address is none, or there is somebody to log in and nowhere to.</exception>
    internal DiagnosisOptions Options(Func<string?, string?> resolve)
    {
        if (Credential is not null && Token is not null)
            throw new FormatException("-Credential and -Token both say who we are. Give one of them.");
        if (Registry is null && (Credential is not null || Token is not null))
            throw new FormatException("-Credential and -Token are for the pull, which needs -Registry: a route's host, see Get-ImageRegistryRoute.");
        return new DiagnosisOptions
        {
            Sample = Sample,
            Registry = Registry is null ? null : new RegistryEndpoint(Registry)
            {
                UserName = Credential?.UserName,
                Password = Secrets.Of(Credential?.Password),
                Token = Secrets.Of(Token),
                Tls = new TlsOptions { CertificateAuthorityPath = resolve(CertificateAuthority), SkipCertificateCheck = SkipCertificateCheck },
            },
        };
    }

    private async Task TestAsync(IKubernetesClient client, DiagnosisOptions options, ICommandOutput output, CancellationToken cancellationToken)
    {
        var failed = new List<string>();
        await foreach (var check in RegistryDiagnosis.RunAsync(client, options, Time, cancellationToken))
        {
            if (check.Status == CheckStatus.Failed)
                failed.Add(check.Name);
            output.Report([new ProgressNotice(0, $"Looking at the image registry of {client.Cluster}", check.Name)]);
            if (!Quiet)
                await output.WriteAsync(check, cancellationToken);
        }

        output.Verbose(failed.Count == 0 ? "No check failed." : $"Failed: {string.Join(", ", failed)}. What comes first is usually the cause.");
        if (Quiet)
            await output.WriteAsync(failed.Count == 0, cancellationToken);
    }
}
