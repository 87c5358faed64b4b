using System.Runtime.ExceptionServices;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Http;

/// <summary>One request and its answer: counted, cut when the server keeps silent, failures below HTTP as store errors. Knows nothing of statuses.</summary>
/// <param name="http">Sends, and follows no redirects.</param>
/// <param name="traffic">Where requests and bytes are counted.</param>
/// <param name="context">Clock and stall time-out.</param>
/// <param name="nameOf">What messages call the server of an address.</param>
internal sealed class HttpExchange(HttpMessageInvoker http, StoreTraffic traffic, StoreContext context, Func<Uri, string> nameOf)
{
    public StoreTraffic Traffic => traffic;

    public StoreContext Context => context;

    /// <summary>The answer's head, whatever its status; the body is still to be read.</summary>
    /// <param name="request">The request; an <see cref="UploadContent"/> is watched as it is sent.</param>
    /// <param name="patience">How long nothing may move; null is the stall time-out.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, TimeSpan? patience, CancellationToken cancellationToken)
    {
        using var watch = new StallWatch(patience ?? context.StallTimeout, context.Time);
        var upload = (request.Content as UploadContent)?.Body;
        if (upload is not null)
            upload.Watch = watch;
        traffic.CountRequest();
        try
        {
            return await http.SendAsync(request, watch.Start(cancellationToken));
        }
        catch (Exception e) when (e is not StoreException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // What the source of an upload threw is the source's failure, however HttpClient wrapped it.
            if (upload?.Failure is { } failure)
                ExceptionDispatchInfo.Throw(failure);
            if (Describe(e, watch, request.RequestUri!, null) is { } known)
                throw known;
            throw;
        }
    }

    /// <inheritdoc cref="SendAsync(HttpRequestMessage, TimeSpan?, CancellationToken)" />
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => SendAsync(request, null, cancellationToken);

    /// <summary>The body of an answer that is content, and counts as such. Disposing it disposes the answer, and so does a failure here.</summary>
    public Task<ResponseStream> OpenContentAsync(HttpResponseMessage response, string? key, CancellationToken cancellationToken) => OpenAsync(response, key, traffic, cancellationToken);

    /// <summary>The body of an answer that is about content: a listing, a token, an error.</summary>
    /// <inheritdoc cref="OpenContentAsync" />
    public Task<ResponseStream> OpenAsync(HttpResponseMessage response, CancellationToken cancellationToken) => OpenAsync(response, null, null, cancellationToken);

    private async Task<ResponseStream> OpenAsync(HttpResponseMessage response, string? key, StoreTraffic? counted, CancellationToken cancellationToken)
    {
        try
        {
            var address = response.RequestMessage!.RequestUri!;
            return new ResponseStream(await response.Content.ReadAsStreamAsync(cancellationToken), response, counted, new StallWatch(context.StallTimeout, context.Time), (e, watch) => Describe(e, watch, address, key));
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private StoreException? Describe(Exception exception, StallWatch watch, Uri address, string? key)
    {
        if (watch.HasStalled)
            return HttpFailures.Stalled(nameOf(address), watch.Limit, exception, key);
        // SocketsHttpHandler tells of a connection that was not made in time as of a cancellation.
        return exception is HttpRequestException or IOException or OperationCanceledException { InnerException: TimeoutException } ? HttpFailures.FromException(exception, nameOf(address), key) : null;
    }
}
