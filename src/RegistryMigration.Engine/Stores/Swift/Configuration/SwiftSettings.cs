using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.Swift.Configuration;

/// <summary>How we prove who we are.</summary>
internal enum SwiftAuthMethod
{
    /// <summary>Swift's own v1: a user and a key for a storage address and a token.</summary>
    TempAuth,

    /// <summary>Keystone v3 with user and password.</summary>
    Password,

    /// <summary>Keystone v3 with an application credential, which is bound to one project.</summary>
    ApplicationCredential,

    /// <summary>A token that somebody else fetched.</summary>
    Token,
}

/// <summary>What is needed to authenticate, gathered from the options, a cloud of clouds.yaml, or <c>OS_…</c> variables.</summary>
internal sealed record SwiftSettings
{
    public required SwiftAuthMethod Method { get; init; }

    public Uri? AuthUrl { get; init; }

    public string? UserName { get; init; }

    public string? UserId { get; init; }

    public Secret? Password { get; init; }

    public KeystoneDomain UserDomain { get; init; } = KeystoneDomain.Default;

    public string? ProjectName { get; init; }

    public string? ProjectId { get; init; }

    public KeystoneDomain ProjectDomain { get; init; } = KeystoneDomain.Default;

    public string? ApplicationCredentialId { get; init; }

    public string? ApplicationCredentialName { get; init; }

    public Secret? ApplicationCredentialSecret { get; init; }

    public Secret? Token { get; init; }

    public Uri? StorageUrl { get; init; }

    public string? Region { get; init; }

    public string Interface { get; init; } = "public";

    public string? CertificateAuthorityPath { get; init; }

    /// <summary>Whether both lead to the same account as the same user, so that the server may copy between their containers.</summary>
    public bool SameIdentityAs(SwiftSettings other) =>
        this with { CertificateAuthorityPath = null, Password = null, ApplicationCredentialSecret = null, Token = null }
        == other with { CertificateAuthorityPath = null, Password = null, ApplicationCredentialSecret = null, Token = null }
        && Token?.Reveal() == other.Token?.Reveal();
}

/// <summary>A Keystone domain, by id or by name.</summary>
/// <param name="Id">Its id; wins over the name.</param>
/// <param name="Name">Its name.</param>
internal sealed record KeystoneDomain(string? Id, string? Name)
{
    /// <summary>The domain that every Keystone is bootstrapped with, and that command line clients assume.</summary>
    public static readonly KeystoneDomain Default = new("default", null);
}
