using System.Management.Automation;
using System.Security;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using RegistryMigration.Registries;

namespace RegistryMigration.Commands.Registries;

/// <summary>What cmdlets that talk to a registry's API have in common: where it is, and who we are there.</summary>
public abstract class RegistryEndpointCommand : RegistryCommand
{
    /// <summary>The registry: https://host:port, http://host:port, or host:port.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Registry { get; set; } = "";

    /// <summary>User and password (or robot secret, or token).</summary>
    [Parameter]
    public PSCredential? Credential { get; set; }

    /// <summary>A bearer token to send as it is.</summary>
    [Parameter]
    public SecureString? Token { get; set; }

    /// <summary>A PEM file with authorities to trust besides the system's.</summary>
    [Parameter]
    public string? CertificateAuthority { get; set; }

    /// <summary>Trust anybody. Warns.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>Answer true or false only.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>The endpoint that the parameters describe; ends the cmdlet when they describe none.</summary>
    private protected RegistryEndpoint Connect()
    {
        try
        {
            var endpoint = ToEndpoint(ResolveFile);
            WarnWhenUnchecked(endpoint.Tls, endpoint.ToString());
            return endpoint;
        }
        catch (FormatException e)
        {
            Refuse("InvalidAddress", e.Message, null);
            throw;
        }
    }

    /// <summary>The endpoint that the parameters describe.</summary>
    /// <exception cref="FormatException">The address is none, or two ways to log in are given.</exception>
    internal RegistryEndpoint ToEndpoint(Func<string?, string?> resolve) =>
        EndpointParameters.Read(Registry, Credential, Token, resolve(CertificateAuthority), SkipCertificateCheck);
}
