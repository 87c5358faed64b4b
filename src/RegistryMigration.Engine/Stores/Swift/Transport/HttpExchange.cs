using System.Runtime.ExceptionServices;
using RegistryMigration.Engine.Http;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.Swift.Transport;

/// <summary>Sends one request: counted, cut when the server keeps silent, failures below HTTP as store errors.</summary>
internal sealed class HttpExchange(HttpClient http, StoreTraffic traffic, StoreContext context, SwiftErrors errors)
{
    public SwiftErrors Errors { get; } = errors;

    public StoreTraffic Traffic { get; } = traffic;

    public StoreContext Context { get; } = context;

    /// <summary>The answer's head, whatever its status; the body is still to be read.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var watch = new StallWatch(Context.StallTimeout, Context.Time, cancellationToken);
        var upload = request.Content as UploadContent;
        if (upload is not null)
            upload.Watch = watch;
        Traffic.CountRequest();
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, watch.Token);
        }
        catch (Exception e) when (e is not StoreException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // What the source of an upload threw is the source's failure, however HttpClient wrapped it.
            if (upload?.SourceFailure is { } failure)
                ExceptionDispatchInfo.Throw(failure);
            if (watch.HasStalled)
                throw Stalled(request.RequestUri!, e);
            if (e is HttpRequestException or IOException)
                throw HttpFailures.FromException(e, request.RequestUri!.Authority);
            throw;
        }
    }

    /// <summary>The error for a server that did not move for the stall time-out.</summary>
    public StoreException Stalled(Uri address, Exception? inner) =>
        new(StoreErrorKind.Stalled, $"{address.Authority} did not move a byte for {Context.StallTimeout.TotalSeconds:0.#} s.", inner) { Store = address.Authority };
}
