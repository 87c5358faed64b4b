using System.Management.Automation;
using System.Security;
using RegistryMigration.Engine.Registries;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using RegistryMigration.Registries;

namespace RegistryMigration.Commands.Quay;

/// <summary>What cmdlets that make and delete service keys have in common: which Quay, and the token of a superuser.</summary>
public abstract class QuayKeyCommand : RegistryCommand
{
    /// <summary>Quay's address: https://host:port, http://host:port, or host:port.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Endpoint")]
    [ValidateNotNullOrEmpty]
    public string Registry { get; set; } = "";

    /// <summary>An OAuth token with the scope super:user, made by a user who is in SUPER_USERS. Quay's API takes no password.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNull]
    public SecureString? Token { get; set; }

    /// <summary>A PEM file with authorities to trust besides the system's.</summary>
    [Parameter]
    public string? CertificateAuthority { get; set; }

    /// <summary>Trust anybody. Warns.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>Asks Quay, where the user agrees.</summary>
    /// <param name="what">What is done, for the question and for -WhatIf.</param>
    /// <param name="work">What is asked.</param>
    private protected void RunAsked(string what, Func<QuayServiceKeys, ICommandOutput, CancellationToken, Task> work)
    {
        var endpoint = Connect();
        if (!ShouldProcess(endpoint.ToString(), what))
            return;
        WarnWhenUnchecked(endpoint.Tls, endpoint.ToString());
        Run(endpoint, async (output, cancellationToken) =>
        {
            using var keys = new QuayServiceKeys(endpoint, StoreContext.Create(Time));
            await work(keys, output, cancellationToken);
        });
    }

    private RegistryEndpoint Connect()
    {
        try
        {
            return EndpointParameters.Read(Registry, null, Token, ResolveFile(CertificateAuthority), SkipCertificateCheck);
        }
        catch (FormatException e)
        {
            Refuse("InvalidAddress", e.Message);
            throw;
        }
    }
}
