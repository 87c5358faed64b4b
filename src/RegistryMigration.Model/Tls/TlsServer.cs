using System.Net;
using System.Net.Sockets;

namespace RegistryMigration.Model;

/// <summary>A server that is reached by TLS, however somebody names it.</summary>
public sealed record TlsServer
{
    private TlsServer(string host, int? port, string? certificateAuthorityPath)
    {
        Host = host;
        Port = port;
        CertificateAuthorityPath = certificateAuthorityPath;
    }

    /// <summary>Name or address; an IPv6 address without brackets.</summary>
    public string Host { get; }

    /// <summary>The port; null where none is given.</summary>
    public int? Port { get; }

    /// <summary>Authorities that go with it: those of a store.</summary>
    public string? CertificateAuthorityPath { get; }

    /// <summary>Reads <c>host</c>, <c>host:port</c>, <c>https://host:port</c>; IPv6 addresses with or without brackets.</summary>
    /// <exception cref="FormatException">The text names no such server.</exception>
    public static TlsServer Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var trimmed = text.Trim();
        // Without brackets an address of IPv6 has no port.
        if (!trimmed.StartsWith('[') && IPAddress.TryParse(trimmed, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6)
            return new TlsServer(trimmed, null, null);
        return Uri.TryCreate(trimmed.Contains("://", StringComparison.Ordinal) ? trimmed : "https://" + trimmed, UriKind.Absolute, out var url) && url.Host.Length > 0
            ? Of(url)
            : throw new FormatException($"'{text}' names no server. Give a host, host:port or https://host:port.");
    }

    /// <summary>The server of an address.</summary>
    /// <exception cref="FormatException">The address is none of https.</exception>
    public static TlsServer Of(Uri address, string? certificateAuthorityPath = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.Scheme != Uri.UriSchemeHttps)
            throw new FormatException(address.Scheme == Uri.UriSchemeHttp
                ? $"{address.GetLeftPart(UriPartial.Authority)} is plain http, which has no certificate. Give the server's https address."
                : $"'{address.Scheme}://' is no way to reach a server by TLS. Give a host, host:port or https://host:port.");
        // Uri can't tell :443 from no port, and neither matters.
        return new TlsServer(address.DnsSafeHost, address.IsDefaultPort ? null : address.Port, certificateAuthorityPath);
    }

    /// <summary>The server of a store.</summary>
    /// <exception cref="FormatException">The store has none, or does not name it.</exception>
    public static TlsServer Of(RegistryStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        var address = store.Address.Kind switch
        {
            StoreKind.S3 => store.S3.Endpoint,
            StoreKind.Swift => store.Swift.StorageUrl ?? store.Swift.AuthUrl,
            _ => throw new FormatException($"{store} is a directory, which has no certificate. Give a host, or a store of S3 or Swift."),
        } ?? throw new FormatException($"{store} does not name its server. Give its host, as in s3.eu-central-1.amazonaws.com.");
        // With the bucket in the host name, that name is what clients check.
        var bucketInHost = store.Address.Kind == StoreKind.S3 && store.S3.PathStyle == false && address.HostNameType == UriHostNameType.Dns;
        return Of(bucketInHost ? new UriBuilder(address) { Host = $"{store.Address.Container}.{address.Host}" }.Uri : address, store.Tls.CertificateAuthorityPath);
    }

    /// <summary>Host and port as they stand in an address.</summary>
    public static string Name(string host, int port)
    {
        ArgumentNullException.ThrowIfNull(host);
        return FormattableString.Invariant($"{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}");
    }

    /// <summary>Host, and the port where one is given.</summary>
    public override string ToString() => Port is { } port ? Name(Host, port) : Host;
}
