using System.Net;
using System.Xml;
using Amazon.Runtime;
using RegistryMigration.Engine.Http;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.S3.Requests;

/// <summary>A server's refusal, whoever received it: our own requests or the SDK's.</summary>
/// <param name="Status">The status of the answer.</param>
/// <param name="Code">S3's error code; null where the answer has none (HEAD, a proxy's page).</param>
/// <param name="Message">What the server says.</param>
/// <param name="RequestId">What an operator of the server asks for first.</param>
/// <param name="Date">The server's clock.</param>
/// <param name="RetryAfter">When to come again.</param>
internal sealed record S3Refusal(HttpStatusCode Status, string? Code, string? Message, string? RequestId, string? Date, string? RetryAfter);

/// <summary>A refusal as the cause of a <see cref="StoreException"/>.</summary>
internal sealed class S3RefusedException(S3Refusal refusal) : Exception($"{(int)refusal.Status} {refusal.Code} {refusal.Message}")
{
    public S3Refusal Refusal => refusal;
}

/// <summary>Reads refusals. Format: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTErrorResponses.</summary>
internal static class S3Answers
{
    // Beyond that it is no error document.
    private const int MaxDocument = 64 << 10;

    private static readonly XmlReaderSettings Settings = new() { Async = true, DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = MaxDocument };

    /// <summary>What an answer that is no success says. The answer stays the caller's.</summary>
    public static async Task<S3Refusal> RefusalAsync(HttpResponseMessage response, HttpExchange http, CancellationToken cancellationToken)
    {
        var said = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            await using var body = await http.OpenAsync(response, cancellationToken);
            using var reader = XmlReader.Create(body, Settings);
            while (await reader.ReadAsync())
            {
                if (reader is { NodeType: XmlNodeType.Element, Depth: 1, LocalName: "Code" or "Message" or "RequestId" })
                    said[reader.LocalName] = await reader.ReadElementContentAsStringAsync();
            }
        }
        catch (Exception e) when (e is XmlException or StoreException)
        {
            // No body, a proxy's page, or a broken one: the status has to do.
        }

        return new S3Refusal(
            response.StatusCode,
            said.GetValueOrDefault("Code"),
            said.GetValueOrDefault("Message"),
            said.GetValueOrDefault("RequestId") ?? response.Header("x-amz-request-id"),
            response.Header("Date"),
            response.Header("Retry-After"));
    }

    /// <summary>The refusal that the SDK has received.</summary>
    public static S3Refusal Refusal(AmazonServiceException answer, Amazon.Runtime.Internal.Transform.IWebResponseData? response) =>
        new(answer.StatusCode, answer.ErrorCode, answer.Message, answer.RequestId, response?.GetHeaderValue("Date"), response?.GetHeaderValue("Retry-After"));
}
