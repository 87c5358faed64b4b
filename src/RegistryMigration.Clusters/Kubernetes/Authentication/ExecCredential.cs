using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Authentication;

/// <summary>What an exec plugin wrote: https://kubernetes.io/docs/reference/config-api/client-authentication.v1/.</summary>
internal sealed record ExecCredential(Secret? Token, string? Certificate, Secret? Key, DateTimeOffset? Expires)
{
    /// <exception cref="FormatException">It is no ExecCredential of that version, or holds no credential. The message quotes nothing of it.</exception>
    public static ExecCredential Parse(string json, string version)
    {
        Resource answer;
        try
        {
            answer = new Resource(JsonNode.Parse(json)?.AsObject() ?? throw new FormatException("it wrote no ExecCredential"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException("it wrote no JSON");
        }

        if (answer.Text("kind") != "ExecCredential" || answer.Text("apiVersion") != version)
            throw new FormatException($"it wrote no ExecCredential of version {version}");
        var token = answer.Text("status", "token");
        var certificate = answer.Text("status", "clientCertificateData");
        var key = answer.Text("status", "clientKeyData");
        if (string.IsNullOrEmpty(token) && string.IsNullOrEmpty(certificate))
            throw new FormatException("it gave neither a token nor a certificate");
        if (string.IsNullOrEmpty(certificate) != string.IsNullOrEmpty(key))
            throw new FormatException("it gave a certificate without its key, or a key alone");
        DateTimeOffset? expires = null;
        if (answer.Text("status", "expirationTimestamp") is { } stamp)
            expires = DateTimeOffset.TryParse(stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : throw new FormatException("its expirationTimestamp is no time");
        return new ExecCredential(string.IsNullOrEmpty(token) ? null : new Secret(token), string.IsNullOrEmpty(certificate) ? null : certificate, string.IsNullOrEmpty(key) ? null : new Secret(key), expires);
    }
}
