using System.Net.Http.Headers;
using System.Text;
using RegistryMigration.Clusters.Kubernetes.Configuration;

namespace RegistryMigration.Clusters.Kubernetes.Authentication;

/// <summary>Picks the way to log in that the settings say.</summary>
internal static class ApiCredentialsFactory
{
    /// <exception cref="Model.ClusterException">A client certificate can't be used.</exception>
    public static IApiCredentials Create(ClusterSettings settings, TimeProvider time)
    {
        var user = settings.User;
        var certificate = user is { Certificate: { } pem, Key: { } key } ? ClientCertificates.Load(pem, key, settings.Source) : null;
        if (user.Exec is { } exec)
            return new ExecCredentials(new ExecPlugin(exec, settings.Source, time), certificate, settings.Source, time);
        // As client-go: the file's content wins over the token beside it while it can be read.
        if (user.TokenFile is { } file)
            return new TokenFileCredentials(file, user.Token, certificate, time);
        if (user.Token is { } token)
            return Fixed(new AuthenticationHeaderValue("Bearer", token.Reveal()), $"The token of {settings.Source} is expired or invalid: log in again (for example with oc login), or give a new -Token.");
        if (user.Password is { } password)
            return Fixed(new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user.UserName}:{password.Reveal()}"))), $"User name or password of {settings.Source} is wrong, or the server takes no passwords (Kubernetes dropped them in 1.19): use a token.");
        return certificate is not null
            ? Fixed(null, $"The client certificate of {settings.Source} is refused: it has expired, or another cluster's authority signed it. {ClientCertificates.Fault(certificate, time)}".TrimEnd())
            : Fixed(null, $"{settings.Source} has no credentials: log in, or give -Token.");

        FixedCredentials Fixed(AuthenticationHeaderValue? header, string nextStep) => new(new ApiCredential(header, certificate), nextStep);
    }
}
