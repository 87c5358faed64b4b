using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace RegistryMigration.Engine.Http;

/// <summary>Whether a server's certificate is accepted where certain authorities are trusted.</summary>
internal static class ServerTrust
{
    /// <summary>The system's verdict stands but for an unknown root, which may be one of ours; and for a known one where only ours count.</summary>
    /// <param name="certificate">The server's own.</param>
    /// <param name="presented">The chain as the system built it, with what the server sent.</param>
    /// <param name="errors">The system's verdict.</param>
    /// <param name="authorities">Whom to trust.</param>
    /// <param name="only">Whether nobody else is trusted, the system's authorities included.</param>
    public static bool Accepts(X509Certificate? certificate, X509Chain? presented, SslPolicyErrors errors, X509Certificate2Collection authorities, bool only)
    {
        if (errors == SslPolicyErrors.None && !only)
            return true;
        if ((errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None || certificate is null)
            return false;
        using var chain = AnchoredIn(authorities, presented);
        using var leaf = new X509Certificate2(certificate);
        return chain.Build(leaf);
    }

    /// <summary>A chain, still to be built, that has to end in one of these authorities and may use what the server sent.</summary>
    public static X509Chain AnchoredIn(X509Certificate2Collection authorities, X509Chain? presented)
    {
        var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.ExtraStore.AddRange(authorities);
        if (presented is not null)
            chain.ChainPolicy.ExtraStore.AddRange(presented.ChainPolicy.ExtraStore);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain;
    }
}
