using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Amazon.Runtime;

namespace RegistryMigration.Engine.Stores.S3.Requests;

/// <summary>Signs requests by headers, with the payload's digest among what is signed.</summary>
/// <remarks>
/// AWS Signature Version 4: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html. The SDK's own signing and
/// marshalling were about half of the processor time of a sync of small objects.
/// </remarks>
/// <param name="region">The region in the scope of signatures.</param>
/// <param name="service">The service in the scope: <c>s3</c>.</param>
internal sealed class RequestSigner(string region, string service)
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    private volatile DayKey? _key;

    /// <summary>Adds host, date, digest, token and signature. Every header that has to be signed is on the request before.</summary>
    /// <param name="message">The request; its address has an escaped path, and a query in order.</param>
    /// <param name="sha256">The payload's digest in lower-case hex.</param>
    /// <param name="credentials">Who signs; null leaves the request anonymous.</param>
    /// <param name="now">The time of sending: servers refuse what is older than a quarter of an hour.</param>
    public void Sign(HttpRequestMessage message, string sha256, ImmutableCredentials? credentials, DateTimeOffset now)
    {
        var address = message.RequestUri!;
        var headers = message.Headers;
        headers.Host = address.Authority;
        headers.TryAddWithoutValidation("x-amz-content-sha256", sha256);
        if (credentials is null)
            return;
        var time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        headers.TryAddWithoutValidation("x-amz-date", time);
        if (credentials.UseToken)
            headers.TryAddWithoutValidation("x-amz-security-token", credentials.Token);

        var (canonical, names) = CanonicalHeaders(message);
        var request = $"{message.Method.Method}\n{address.AbsolutePath}\n{address.Query.AsSpan(address.Query.Length > 0 ? 1 : 0)}\n{canonical}\n{names}\n{sha256}";
        var day = time[..8];
        var scope = $"{day}/{region}/{service}/aws4_request";
        var signature = HMACSHA256.HashData(KeyOf(credentials, day), Encoding.UTF8.GetBytes($"{Algorithm}\n{time}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(request)))}"));
        headers.TryAddWithoutValidation("Authorization", $"{Algorithm} Credential={credentials.AccessKey}/{scope}, SignedHeaders={names}, Signature={Hex(signature)}");
    }

    // Host, content type and everything of Amazon's own, in order of their names.
    private static (string Canonical, string Names) CanonicalHeaders(HttpRequestMessage message)
    {
        var canonical = new StringBuilder(256);
        var names = new StringBuilder(96);
        if (message.Content?.Headers.ContentType is { } type)
            Add("content-type", type.ToString());
        Add("host", message.Headers.Host!);
        foreach (var (name, values) in message.Headers.NonValidated.Where(header => header.Key.StartsWith("x-amz-", StringComparison.Ordinal)).OrderBy(header => header.Key, StringComparer.Ordinal))
            Add(name, values.ToString());
        return (canonical.ToString(), names.ToString(1, names.Length - 1));

        void Add(string name, string value)
        {
            canonical.Append(name).Append(':').Append(value).Append('\n');
            names.Append(';').Append(name);
        }
    }

    // Four hashes that are the same all day.
    private byte[] KeyOf(ImmutableCredentials credentials, string day)
    {
        if (_key is { } known && known.Day == day && known.Secret == credentials.SecretKey)
            return known.Key;
        var key = Encoding.UTF8.GetBytes("AWS4" + credentials.SecretKey);
        foreach (var part in (ReadOnlySpan<string>)[day, region, service, "aws4_request"])
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        _key = new DayKey(day, credentials.SecretKey, key);
        return key;
    }

    private static string Hex(byte[] bytes) => Convert.ToHexString(bytes).ToLowerInvariant();

    private sealed record DayKey(string Day, string Secret, byte[] Key);
}
