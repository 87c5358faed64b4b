using System.Management.Automation;
using RegistryMigration.Engine.Tls;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using RegistryMigration.Stores;
using RegistryMigration.Tls;

namespace RegistryMigration.Commands.Tls;

/// <summary>Shows the certificates of a server, from its own to the root. A chain that is neither verified nor pinned is an error.</summary>
[Cmdlet(VerbsCommon.Get, "TlsCertificateChain", SupportsShouldProcess = true)]
[OutputType(typeof(TlsCertificateChain))]
public sealed class GetTlsCertificateChainCommand : RegistryCommand
{
    private const int Https = 443;

    /// <summary>A host, host:port, https:// address, a store, or a location of a Quay.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Store")]
    [TlsServerArgument]
    [ValidateNotNull]
    public TlsServer? Server { get; set; }

    /// <summary>The port; that of the address when left out, or 443.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>The SHA-256 that the server's certificate, or one above it, has to have: told by whoever runs the server.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Fingerprint { get; set; }

    /// <summary>A PEM file with authorities to trust besides the system's; those of the store when left out.</summary>
    [Parameter]
    public string? CertificateAuthority { get; set; }

    /// <summary>Give a chain that nobody vouches for. Warns.</summary>
    [Parameter]
    public SwitchParameter SkipVerification { get; set; }

    /// <summary>Where to write the authorities of the chain, as a PEM file to trust.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutFile { get; set; }

    /// <summary>Write over a file that is there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>How long the server may take.</summary>
    [Parameter]
    [SecondsArgument]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        TlsCertificateChain? chain = null;
        var tls = new TlsOptions { CertificateAuthorityPath = ResolveFile(CertificateAuthority) ?? Server!.CertificateAuthorityPath };
        if (!Run(Server, async (_, cancellationToken) => chain = await TlsChains.ReadAsync(Server!.Host, Port ?? Server.Port ?? Https, tls, Fingerprint, Timeout, cancellationToken)))
            return;
        if (ObstacleOf(chain!, Fingerprint is not null) is { } obstacle)
        {
            if (!SkipVerification)
            {
                WriteError(new CommandError(nameof(StoreErrorKind.Certificate), ErrorCategory.SecurityError, obstacle, null, chain).ToRecord());
                return;
            }

            WriteWarning($"{obstacle} It is given all the same, for -SkipVerification: whoever trusts these certificates trusts anybody who stands between here and the server.");
        }

        if (chain!.IncompleteNotice() is { } incomplete)
            WriteWarning(incomplete);
        if (OutFile is null || TryWrite(chain!, ResolveFile(OutFile)!))
            WriteObject(chain);
    }

    /// <summary>Why a chain is not given; null where somebody vouches for it: the fingerprint where one is given, else the authorities.</summary>
    internal static string? ObstacleOf(TlsCertificateChain chain, bool hasFingerprint)
    {
        if (hasFingerprint ? chain.IsPinned : chain.IsVerified)
            return null;
        var found = string.Join("; ", chain.Certificates.Select(certificate => $"{certificate.Subject} has {certificate.Fingerprint}"));
        return hasFingerprint
            ? $"The chain of {chain.Server} is not the one whose fingerprint is given. {string.Join(' ', chain.Problems)} Seen: {found}. Ask whoever runs the server whether its certificate was renewed; else somebody stands in between."
            : $"Nobody vouches for the certificates of {chain.Server}. {string.Join(' ', chain.Problems)} Seen (SHA-256): {found}. Compare them with what whoever runs the server says, and give the right one with -Fingerprint; or give its authority's file with -CertificateAuthority.";
    }

    private bool TryWrite(TlsCertificateChain chain, string path)
    {
        if (!chain.IsComplete)
        {
            WriteError(new CommandError("IncompleteChain", ErrorCategory.InvalidData, $"{path} is not written: {chain.IncompleteNotice()}", null, chain).ToRecord());
            return false;
        }

        if (File.Exists(path) && !Force)
        {
            WriteError(new CommandError("FileExists", ErrorCategory.ResourceExists, $"{path} is there already. Give another -OutFile, or -Force to write over it.", null, path).ToRecord());
            return false;
        }

        return !ShouldProcess(path, $"Write the authorities of {chain.Server}") || Run(path, (_, cancellationToken) => WholeFile.WriteAsync(path, chain.AuthoritiesPem, Force, cancellationToken));
    }
}
