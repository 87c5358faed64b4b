using System.Management.Automation;
using System.Security;
using RegistryMigration.Model;
using RegistryMigration.Stores;

namespace RegistryMigration.Registries;

/// <summary>Turns the parameters that name a registry into an endpoint; every cmdlet that talks to a registry has the same ones.</summary>
internal static class EndpointParameters
{
    /// <summary>The endpoint.</summary>
    /// <exception cref="FormatException">The address is none, or two ways to log in are given.</exception>
    public static RegistryEndpoint Read(string registry, PSCredential? credential, SecureString? token, string? certificateAuthority, bool skipCertificateCheck) => credential is not null && token is not null
        ? throw new FormatException("-Credential and -Token both say who we are. Give one of them.")
        : new RegistryEndpoint(registry)
        {
            UserName = credential?.UserName,
            Password = Secrets.Of(credential?.Password),
            Token = Secrets.Of(token),
            Tls = new TlsOptions { CertificateAuthorityPath = certificateAuthority, SkipCertificateCheck = skipCertificateCheck },
        };
}
