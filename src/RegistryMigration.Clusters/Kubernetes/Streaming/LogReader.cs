using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using RegistryMigration.Clusters.Kubernetes.Requests;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Streaming;

/// <summary>Reads a container's log, and goes on where it was when the connection is cut.</summary>
/// <remarks>Every line is asked for with its time stamp, which is taken off again: it says where to go on. The API's <c>sinceTime</c> counts whole seconds only, so lines that were told already are left out.</remarks>
internal sealed class LogReader(ApiTransport transport, string @namespace, string pod, LogOptions options)
{
    // Longer lines are cut; the kubelet's own parts are 16 KiB.
    private const int MaxLine = 256 * 1024;

    // A log may be quiet for long; after this time it is asked for again, which costs one request and notices a dead connection.
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(5);

    // Cuts in a row without a line between them.
    private const int MaxCuts = 5;

    private readonly LogPosition _position = new();

    public async IAsyncEnumerable<string> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var cuts = 0; ;)
        {
            var request = Request();
            _position.Resume();
            await using var lines = new LineReader(await transport.OpenAsync(request, options.Follow ? Silence : transport.Timeout, cancellationToken), MaxLine);
            while (true)
            {
                ReadOnlyMemory<byte>? line;
                try
                {
                    line = await lines.ReadAsync(cancellationToken);
                }
                catch (StoreException e) when (e.Kind == StoreErrorKind.Stalled && options.Follow)
                {
                    // Quiet, not broken.
                    break;
                }
                catch (StoreException e)
                {
                    if (++cuts > MaxCuts)
                        throw ApiErrors.Of(request, e);
                    break;
                }

                if (line is not { } bytes)
                    yield break;
                cuts = 0;
                if (_position.Advance(Encoding.UTF8.GetString(bytes.Span).TrimEnd('\r')) is { } text)
                    yield return text;
            }
        }
    }

    private ApiRequest Request() => new()
    {
        Method = HttpMethod.Get,
        Verb = "get",
        Path = ApiPaths.Query(
            ApiPaths.Object(ResourceTypes.Pods, @namespace, pod, "log"),
            ("container", options.Container),
            ("follow", options.Follow ? "true" : null),
            ("previous", options.Previous ? "true" : null),
            ("timestamps", "true"),
            ("sinceTime", _position.Second),
            ("tailLines", _position.Second is null ? options.Tail?.ToString(CultureInfo.InvariantCulture) : null),
            // Zero is refused; a part of a second counts as one.
            ("sinceSeconds", _position.Second is null && options.Since is { } since ? Math.Max(1, (long)Math.Ceiling(since.TotalSeconds)).ToString(CultureInfo.InvariantCulture) : null)),
        Resource = "pods/log",
        Namespace = @namespace,
        Name = pod,
        Accept = "*/*",
        IsRead = true,
    };
}
