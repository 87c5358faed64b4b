using System.Net.Http.Headers;
using System.Net.Security;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Authentication;

/// <summary>A token in a file that somebody renews in place, as the kubelet does for a pod: read again after a minute, and when it is refused.</summary>
/// <param name="path">The file.</param>
/// <param name="fallback">The token to use while the file can't be read; null fails then.</param>
/// <param name="certificate">A client certificate that goes with it.</param>
/// <param name="time">The clock.</param>
internal sealed class TokenFileCredentials(string path, Secret? fallback, SslStreamCertificateContext? certificate, TimeProvider time) : IApiCredentials
{
    // As client-go does.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private ApiCredential? _credential;
    private long _read;

    public string NextStep => $"The token in '{path}' is expired or invalid: see what renews it.";

    public async ValueTask<ApiCredential> GetAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return _credential is not null && time.GetElapsedTime(_read) < Lifetime ? _credential : await ReadAsync(cancellationToken);
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
            return (await ReadAsync(cancellationToken)).Authorization?.Parameter != refused.Authorization?.Parameter;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async ValueTask<ApiCredential> ReadAsync(CancellationToken cancellationToken)
    {
        string? token;
        try
        {
            token = (await File.ReadAllTextAsync(path, cancellationToken)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What was read last goes on being used: a file that is being replaced is not there for a moment.
            token = _credential?.Authorization?.Parameter ?? fallback?.Reveal()
                ?? throw new ClusterException(ClusterErrorKind.Configuration, $"The token file '{path}' can't be read: {e.Message} Check the path and its permissions.", e);
        }

        if (token.Length == 0)
            throw new ClusterException(ClusterErrorKind.Configuration, $"The token file '{path}' is empty. See what renews it.");
        _read = time.GetTimestamp();
        return _credential = new ApiCredential(new AuthenticationHeaderValue("Bearer", token), certificate);
    }
}
