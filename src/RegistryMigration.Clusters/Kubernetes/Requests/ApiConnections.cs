using System.Net;
using System.Net.Security;
using RegistryMigration.Clusters.Kubernetes.Configuration;
using RegistryMigration.Engine.Http;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Requests;

/// <summary>The connections to one API server. Each client certificate has its own, since a connection keeps the one that it was made with.</summary>
internal sealed class ApiConnections(ClusterSettings settings) : IDisposable
{
    private readonly object _gate = new();
    private readonly List<(SslStreamCertificateContext? Certificate, HttpMessageInvoker Http)> _made = [];

    /// <summary>The connections of a certificate; earlier ones stay open for requests that are under way.</summary>
    /// <exception cref="ClusterException">The certificate authority can't be read.</exception>
    public HttpMessageInvoker For(SslStreamCertificateContext? certificate)
    {
        lock (_gate)
        {
            foreach (var (known, http) in _made)
            {
                if (ReferenceEquals(known, certificate))
                    return http;
            }

            var made = new HttpMessageInvoker(Handler(certificate), disposeHandler: true);
            _made.Add((certificate, made));
            return made;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var (_, http) in _made)
                http.Dispose();
            _made.Clear();
        }
    }

    private SocketsHttpHandler Handler(SslStreamCertificateContext? certificate)
    {
        SocketsHttpHandler handler;
        try
        {
            handler = settings.SkipCertificateCheck ? HttpHandlers.Trusting()
                : settings.Authorities is { } pem ? HttpHandlers.Create(HttpHandlers.Authorities(pem, settings.AuthoritiesSource), settings.OnlyAuthorities)
                : HttpHandlers.Create();
        }
        catch (StoreException e)
        {
            throw new ClusterException(ClusterErrorKind.Configuration, e.Message, e);
        }

        handler.SslOptions.ClientCertificateContext = certificate;
        if (settings.Proxy is { } proxy)
        {
            handler.Proxy = new WebProxy(new Uri(proxy.GetLeftPart(UriPartial.Authority).Replace(proxy.UserInfo + "@", "", StringComparison.Ordinal)))
            {
                Credentials = proxy.UserInfo.Split(':', 2) is [{ Length: > 0 } user, var password] ? new NetworkCredential(Uri.UnescapeDataString(user), Uri.UnescapeDataString(password)) : null,
            };
        }

        return handler;
    }
}
