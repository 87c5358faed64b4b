using System.Net.Http.Headers;
using System.Net.Security;

namespace RegistryMigration.Clusters.Kubernetes.Authentication;

/// <summary>Credentials that a program gives; kept until they expire or are refused, and asked for once however many requests wait.</summary>
internal sealed class ExecCredentials(ExecPlugin plugin, SslStreamCertificateContext? certificate, string source, TimeProvider time) : IApiCredentials
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private ApiCredential? _credential;
    private DateTimeOffset? _expires;

    public string NextStep => $"What '{plugin.Name}' gives for {source} is refused: log in again with it, or give -Token.";

    public async ValueTask<ApiCredential> GetAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return _credential is not null && (_expires is not { } expires || time.GetUtcNow() < expires) ? _credential : await AskAsync(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask<bool> RenewAsync(ApiCredential refused, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            // Another request may have renewed it meanwhile.
            if (ReferenceEquals(_credential, refused))
                await AskAsync(cancellationToken);
            return true;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task<ApiCredential> AskAsync(CancellationToken cancellationToken)
    {
        var answer = await plugin.RunAsync(cancellationToken);
        _expires = answer.Expires;
        return _credential = new ApiCredential(
            answer.Token is { } token ? new AuthenticationHeaderValue("Bearer", token.Reveal()) : null,
            answer is { Certificate: { } pem, Key: { } key } ? ClientCertificates.Load(pem, key, $"'{plugin.Name}'") : certificate);
    }
}
