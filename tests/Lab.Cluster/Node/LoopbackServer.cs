using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace RegistryMigration.Lab.Cluster;

/// <summary>A server on one port of loopback that says nothing.</summary>
internal static class LoopbackServer
{
    /// <summary>HTTPS with the certificate of the registry's address.</summary>
    public static WebApplication Create(int port, OpenShiftAccess access) => Create(new IPEndPoint(IPAddress.Loopback, port), Certificate(access.RegistryCertificate, access.RegistryKey));

    /// <summary>HTTPS; HTTP without a certificate.</summary>
    public static WebApplication Create(IPEndPoint listen, X509Certificate2? certificate)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Listen(listen, options =>
            {
                options.Protocols = Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http1;
                if (certificate is not null)
                    options.UseHttps(certificate);
            });
        });
        return builder.Build();
    }

    /// <summary>A certificate and its key. Loaded from PEM, a key is bound to no provider; through PFX it works everywhere.</summary>
    public static X509Certificate2 Certificate(string certificate, string key)
    {
        using var pem = X509Certificate2.CreateFromPemFile(certificate, key);
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pfx), null);
    }
}
