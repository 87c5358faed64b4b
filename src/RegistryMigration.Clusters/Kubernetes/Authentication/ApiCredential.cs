using System.Net.Http.Headers;
using System.Net.Security;

namespace RegistryMigration.Clusters.Kubernetes.Authentication;

/// <summary>Who we are, as of now.</summary>
/// <param name="Authorization">The header; null where the certificate says it, or nobody.</param>
/// <param name="Certificate">The client certificate; connections belong to it.</param>
internal sealed record ApiCredential(AuthenticationHeaderValue? Authorization, SslStreamCertificateContext? Certificate)
{
    // A record would print the header, and with it the token.
    public override string ToString() => Authorization is null ? "certificate" : Authorization.Scheme;
}

/// <summary>Where credentials come from.</summary>
internal interface IApiCredentials : IDisposable
{
    /// <summary>What is valid now; renewed where it has expired.</summary>
    ValueTask<ApiCredential> GetAsync(CancellationToken cancellationToken);

    /// <summary>Called after a 401; true where it is worth another request, since there is something newer than what was refused.</summary>
    ValueTask<bool> RenewAsync(ApiCredential refused, CancellationToken cancellationToken);

    /// <summary>What to do when they are refused.</summary>
    string NextStep { get; }
}
