using System.Net;
using RegistryMigration.Engine.Http;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.Swift.Transport;

/// <summary>Turns answers of Swift into store errors that say what to do.</summary>
internal sealed class SwiftErrors(HttpExchange http, string store, string container)
{
    private const int ExplanationLength = 200;

    /// <summary>The error for an answer that is no success.</summary>
    /// <param name="response">The answer; stays the caller's.</param>
    /// <param name="action">What was tried: "list …".</param>
    /// <param name="key">The key concerned.</param>
    /// <param name="cancellationToken">Ends the reading of the server's explanation.</param>
    public async Task<StoreException> FromAsync(HttpResponseMessage response, string action, string? key, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        var kind = status switch
        {
            // A client's request that took too long to arrive is worth sending again.
            499 => StoreErrorKind.Transient,
            _ => HttpFailures.KindOf(response.StatusCode),
        };
        var explanation = await ExplanationAsync(response, cancellationToken);
        return new StoreException(kind, $"{store} could not {action}: {status} {explanation ?? response.ReasonPhrase}.{NextStep(kind, status)}{Transaction(response)}")
        {
            Key = key,
            Store = store,
            StatusCode = status,
            RetryAfter = HttpFailures.RetryAfter(response, http.Context.Time),
        };
    }

    /// <summary>The error for a container that is not there.</summary>
    public StoreException NoContainer() =>
        new(StoreErrorKind.NotFound, $"There is no container '{container}' at {store}. Check the name, or make it with Initialize-RegistryStore.") { Store = store, StatusCode = 404 };

    /// <summary>The error for an object that is not there.</summary>
    public StoreException NoObject(string key) =>
        new(StoreErrorKind.NotFound, $"{store} has no object '{key}'.") { Key = key, Store = store, StatusCode = 404 };

    /// <summary>An error found by looking at a good answer.</summary>
    public StoreException Make(StoreErrorKind kind, string message, string? key = null) => new(kind, message) { Key = key, Store = store };

    private static string NextStep(StoreErrorKind kind, int status) => kind switch
    {
        StoreErrorKind.Full when status == 413 => " The account's or container's quota is used up, or the object is larger than the server takes: raise the quota, or lower the segment size.",
        StoreErrorKind.Full => " The servers have no room left.",
        StoreErrorKind.Denied => " The user lacks a role or an ACL for this container.",
        StoreErrorKind.Unauthenticated => " A token that was just issued is not accepted: check that the storage address belongs to the same cloud and project.",
        StoreErrorKind.Integrity => " The bytes were damaged on their way; nothing was stored.",
        _ => "",
    };

    // What an operator of the servers asks for first.
    private static string Transaction(HttpResponseMessage response) => response.Header("X-Trans-Id") is { } id ? $" (transaction {id})" : "";

    // Swift explains in a line of HTML or text; anything longer is a proxy's error page.
    private async Task<string?> ExplanationAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentLength is not (> 0 and <= 4096))
            return null;
        try
        {
            await using var body = await http.OpenAsync(response, cancellationToken);
            using var reader = new StreamReader(body);
            var text = WebUtility.HtmlDecode(StripTags(await reader.ReadToEndAsync(cancellationToken))).Trim().TrimEnd('.');
            return text.Length is 0 or > ExplanationLength ? null : text;
        }
        catch (StoreException)
        {
            return null;
        }
    }

    private static string StripTags(string html)
    {
        var text = new System.Text.StringBuilder(html.Length);
        var inTag = false;
        foreach (var c in html)
        {
            if (c == '<')
                inTag = true;
            else if (c == '>')
                inTag = false;
            else if (!inTag)
                text.Append(char.IsControl(c) ? ' ' : c);
            if (c == '>' && text.Length > 0 && text[^1] != ' ')
                text.Append(' ');
        }

        return text.ToString();
    }
}
