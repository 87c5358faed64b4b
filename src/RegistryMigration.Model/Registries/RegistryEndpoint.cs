namespace RegistryMigration.Model;

/// <summary>A registry's HTTP API and who we are there. Holds no connection.</summary>
public sealed class RegistryEndpoint
{
    /// <summary>An endpoint by its address; <c>host[:port]</c> without a scheme means https, as image references do.</summary>
    /// <exception cref="FormatException">The text is no http or https address, or carries credentials.</exception>
    public RegistryEndpoint(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var text = address.Contains("://", StringComparison.Ordinal) ? address : "https://" + address;
        if (!Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Query.Length > 0 || url.Fragment.Length > 0)
            throw new FormatException("The registry's address is not a host, http:// or https:// address. Expected https://registry.example.com or registry.example.com:5000.");
        if (url.UserInfo.Length > 0)
            throw new FormatException($"The address of {url.Host} carries credentials, which would show in logs. Give them as user name and password.");
        Url = url;
    }

    /// <summary>The base address, ending in <c>/</c>; <c>v2/</c> lies below it.</summary>
    public Uri Url { get; }

    /// <summary>User name for Basic authentication and for the token service; null is anonymous. OpenShift takes any name with a token as password.</summary>
    public string? UserName { get; init; }

    /// <summary>The password, robot secret or token that goes with <see cref="UserName"/>.</summary>
    public Secret? Password { get; init; }

    /// <summary>A bearer token to send as it is (OpenShift accepts a user's or service account's token); used instead of user name and password.</summary>
    public Secret? Token { get; init; }

    /// <summary>Whom to trust on https.</summary>
    public TlsOptions Tls { get; init; } = new();

    /// <summary>
    /// Follow a redirect, or use a token service, that leads from https to http. Off by default: content stays checked by its digest, but
    /// anybody on the way can read it and the signed address.
    /// </summary>
    public bool AllowPlainHttp { get; init; }

    /// <summary>The address, without the slash at the end.</summary>
    public override string ToString() => Url.AbsoluteUri.TrimEnd('/');
}
