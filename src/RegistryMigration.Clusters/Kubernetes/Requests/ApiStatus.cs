using System.Text.Json;
using System.Text.Json.Nodes;

namespace RegistryMigration.Clusters.Kubernetes.Requests;

/// <summary>The API's own account of a failure: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/.</summary>
/// <param name="Code">The HTTP status that it stands for.</param>
/// <param name="Reason">One word, for example <c>AlreadyExists</c>.</param>
/// <param name="Message">What happened, one line.</param>
/// <param name="Name">The object that it is about; null where it is about a type, or the path.</param>
/// <param name="Kind">The plural of what <paramref name="Name"/> is.</param>
/// <param name="Causes">Fields and what is wrong with them.</param>
/// <param name="RetryAfter">How long to wait.</param>
internal sealed record ApiStatus(int Code, string? Reason, string? Message, string? Name, string? Kind, IReadOnlyList<ApiCause> Causes, TimeSpan? RetryAfter)
{
    private const int MaxShown = 600;

    /// <summary>Reads a body; where it is no Status, its text becomes the message.</summary>
    public static ApiStatus Read(ReadOnlySpan<byte> body, int code)
    {
        try
        {
            if (JsonNode.Parse(body) is JsonObject json && Of(new Resource(json), code) is { } status)
                return status;
        }
        catch (JsonException)
        {
        }

        // "404 page not found", a proxy's page: the first line is enough.
        var text = System.Text.Encoding.UTF8.GetString(body[..Math.Min(body.Length, 4 * MaxShown)]);
        return new ApiStatus(code, null, text.StartsWith('<') || text.StartsWith('{') ? null : Shown(text.Split('\n', 2)[0]), null, null, [], null);
    }

    /// <summary>Reads a Status object; null where it is none.</summary>
    public static ApiStatus? Of(Resource status, int? code = null) => status.Text("kind") != "Status" ? null : new ApiStatus(
        (int)(status.Number("code") ?? code ?? 0),
        status.Text("reason"),
        Shown(status.Text("message")),
        status.Text("details", "name"),
        status.Text("details", "kind"),
        [.. status.Items("details", "causes").OfType<JsonObject>().Select(cause => new Resource(cause)).Select(cause => new ApiCause(cause.Text("reason"), Shown(cause.Text("message")), cause.Text("field")))],
        status.Number("details", "retryAfterSeconds") is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : null);

    // From outside, and on its way to a terminal: one line, bounded, no control characters.
    private static string? Shown(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        var line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return line.Length > MaxShown ? line[..MaxShown] + "…" : line;
    }
}

/// <summary>One reason in a Status.</summary>
internal sealed record ApiCause(string? Reason, string? Message, string? Field);
