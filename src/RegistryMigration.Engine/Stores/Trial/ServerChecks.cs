using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Tls;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Checks.PreflightCheck;

namespace RegistryMigration.Engine.Stores.Trial;

/// <summary>The server of a storage: who vouches for it, and its clock.</summary>
internal static class ServerChecks
{
    // S3 refuses signatures that are 15 minutes off: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (RequestTimeTooSkewed)
    private static readonly TimeSpan Refused = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Doubtful = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RenewalDue = TimeSpan.FromDays(14);

    public static async IAsyncEnumerable<RegistryCheck> RunAsync(IServedStore store, StoreContext context, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Uri? server = null;
        RegistryCheck? refusal = null;
        try
        {
            server = await store.ServerAsync(cancellationToken);
        }
        catch (StoreException e)
        {
            refusal = Failed("Storage's server", "Check the store's address and credentials with New-RegistryStore.", e.Message);
        }

        if (server is null)
        {
            yield return refusal!;
            yield break;
        }

        yield return await CertificateAsync(server, store.Tls, context, cancellationToken);
        yield return await ClockAsync(server, store.Tls, context, cancellationToken);
    }

    private static async Task<RegistryCheck> CertificateAsync(Uri server, TlsOptions tls, StoreContext context, CancellationToken cancellationToken)
    {
        const string name = "Storage's certificate";
        var authority = server.GetLeftPart(UriPartial.Authority);
        if (server.Scheme != Uri.UriSchemeHttps)
            return Warning(name, "Use the https address: anybody on the way can read and change images, and clients that are redirected there refuse it.", $"{authority} is plain http");
        if (tls.SkipCertificateCheck)
            return Warning(name, "Give the private CA with -CertificateAuthority (see Get-TlsCertificateChain) instead of -SkipCertificateCheck: the registry will check.", $"nobody checks the certificate of {authority}");
        try
        {
            var chain = await TlsChains.ReadAsync(server.DnsSafeHost, server.Port, tls, fingerprint: null, context.StallTimeout, cancellationToken);
            var evidence = chain.Certificates.Select(certificate => $"{certificate}").ToArray();
            if (!chain.IsVerified)
                return Failed(name, "Give the authority's PEM file with -CertificateAuthority of New-RegistryStore; Get-TlsCertificateChain shows the chain.", [.. chain.Problems, .. evidence]);
            var left = chain.Certificates[0].NotAfter - context.Time.GetUtcNow();
            return left < RenewalDue
                ? Warning(name, "See that it is renewed before the move, or the registry stops with it.", [FormattableString.Invariant($"it expires in {left.TotalDays:0} days"), .. evidence])
                : Passed(name, [$"verified by {chain.VerifiedBy}", .. evidence]);
        }
        catch (StoreException e)
        {
            return Failed(name, "Check the endpoint's host, port and scheme.", e.Message);
        }
    }

    // Without a login: a server that refuses everything for the clock still tells its own.
    private static async Task<RegistryCheck> ClockAsync(Uri server, TlsOptions tls, StoreContext context, CancellationToken cancellationToken)
    {
        const string name = "Clocks agree";
        try
        {
            using var http = new HttpMessageInvoker(HttpHandlers.Create(tls));
            using var request = new HttpRequestMessage(HttpMethod.Head, server.GetLeftPart(UriPartial.Authority));
            var exchange = new HttpExchange(http, new StoreTraffic("trial"), context, address => address.Authority);
            using var response = await exchange.SendAsync(request, cancellationToken);
            return response.Headers.Date is { } date ? Clock(context.Time.GetUtcNow() - date) : Skipped(name, "the server does not tell its time");
        }
        catch (StoreException e)
        {
            return Skipped(name, e.Message);
        }

        static RegistryCheck Clock(TimeSpan ahead)
        {
            var evidence = FormattableString.Invariant($"this machine is {Math.Abs(ahead.TotalSeconds):0} s {(ahead > TimeSpan.Zero ? "ahead of" : "behind")} the server");
            return ahead.Duration() > Refused ? Failed(name, "Set this machine's clock by NTP; if it is right, the server's. S3 refuses requests at 15 minutes.", evidence)
                : ahead.Duration() > Doubtful ? Warning(name, "Set this machine's clock by NTP, or the server's: at 15 minutes S3 refuses requests.", evidence)
                : Passed(name, evidence);
        }
    }
}
