namespace RegistryMigration.Clusters.Kubernetes.Authentication;

/// <summary>Credentials that never change: a token, a password, a client certificate, or none.</summary>
internal sealed class FixedCredentials(ApiCredential credential, string nextStep) : IApiCredentials
{
    public string NextStep => nextStep;

    public ValueTask<ApiCredential> GetAsync(CancellationToken cancellationToken) => new(credential);

    public ValueTask<bool> RenewAsync(ApiCredential refused, CancellationToken cancellationToken) => new(false);

    public void Dispose()
    {
    }
}
