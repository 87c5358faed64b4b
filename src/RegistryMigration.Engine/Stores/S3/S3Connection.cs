using Amazon.Runtime;
using Amazon.S3;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores.S3.Requests;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>What every part of the store shares: the client, where things are, and how one request is sent.</summary>
internal sealed class S3Connection : IDisposable
{
    // CompleteMultipartUpload and copies of many GiB are silent while the server works: S3's documents speak of minutes.
    private static readonly TimeSpan LongWork = TimeSpan.FromMinutes(10);

    // Asking first costs a round trip; not asking costs the transfer of a body that a full, busy or read-only server refuses.
    private const long AskFirst = 1 << 20;

    private readonly S3Access _access;
    private readonly S3HttpClients _clients;
    private readonly HttpMessageInvoker _invoker;
    private readonly Lazy<(Uri Address, RequestSigner Signer)> _bucket;

    public S3Connection(S3Access access, S3HttpClients clients, StoreTraffic traffic, StoreContext context)
    {
        _access = access;
        _clients = clients;
        _invoker = new HttpMessageInvoker(clients.Handler, disposeHandler: false);
        _bucket = new(() => _access.Locate(Bucket!));
        Http = new HttpExchange(_invoker, traffic, context, _ => Endpoint!);
    }

    /// <summary>The store for messages: address and root.</summary>
    public required string Name { get; init; }

    /// <summary>The server for messages: the endpoint, or AWS's host name.</summary>
    public required string Endpoint { get; init; }

    public required string Bucket { get; init; }

    /// <summary>What is put before every key: empty, or ending in a slash.</summary>
    public required string Prefix { get; init; }

    /// <summary>Sends our own requests, over the same connections as the SDK's.</summary>
    public HttpExchange Http { get; }

    public StoreTraffic Traffic => Http.Traffic;

    public StoreContext Context => Http.Context;

    /// <summary>Which optional features this endpoint was seen to refuse.</summary>
    public S3Features Features { get; } = new();

    /// <summary>The address that the bucket's objects have.</summary>
    /// <exception cref="StoreException">The SDK knows none.</exception>
    public Uri Server()
    {
        try
        {
            return _bucket.Value.Address;
        }
        catch (AmazonClientException e)
        {
            throw S3Errors.From(e, this, key: null);
        }
    }

    /// <summary>Sends one of the requests that are asked thousands of times, and answers the head of a success. The caller disposes it.</summary>
    /// <exception cref="StoreException">The server refuses, can't be reached, or what the body's own source threw.</exception>
    public async Task<HttpResponseMessage> SendAsync(S3Request request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        ImmutableCredentials? credentials = null;
        try
        {
            credentials = await _access.CredentialsAsync(cancellationToken);
            using var message = Sign(request, credentials);
            response = await Http.SendAsync(message, cancellationToken);
        }
        catch (Exception e) when (e is AmazonClientException || (e is StoreException && e != request.Body?.Failure))
        {
            throw S3Errors.From(e, this, request.Key);
        }

        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw Refused(S3Errors.From(await S3Answers.RefusalAsync(response, Http, cancellationToken), this, request.Key), credentials);
    }

    /// <summary>Sends one request by the SDK. Failures are <see cref="StoreException"/>s.</summary>
    /// <param name="key">The key concerned, without the prefix, for messages.</param>
    /// <param name="send">The request.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    /// <param name="longWork">The server may work for minutes before it answers.</param>
    public async Task<T> SendAsync<T>(string? key, Func<IAmazonS3, CancellationToken, Task<T>> send, CancellationToken cancellationToken, bool longWork = false)
    {
        var limit = longWork && LongWork > Context.StallTimeout ? LongWork : Context.StallTimeout;
        using var watch = new StallWatch(limit, Context.Time);
        ImmutableCredentials? credentials = null;
        try
        {
            credentials = await _access.CredentialsAsync(cancellationToken);
            return await send(_access.Client, watch.Start(cancellationToken));
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw watch.HasStalled ? HttpFailures.Stalled(Endpoint, watch.Limit, e, key).In(this, key) : Refused(S3Errors.From(e, this, key), credentials);
        }
    }

    /// <summary>The same, sent again by the policy the store was given: for single pages and parts, whose repetition saves all the others.</summary>
    public async Task<T> RetryAsync<T>(string? key, Func<IAmazonS3, CancellationToken, Task<T>> send, CancellationToken cancellationToken, bool longWork = false) =>
        await Context.Retry.ExecuteAsync(Traffic, async token => await SendAsync(key, send, token, longWork: longWork), cancellationToken);

    public void Dispose()
    {
        _access.Dispose();
        _invoker.Dispose();
        _clients.Dispose();
    }

    private StoreException Refused(StoreException failure, ImmutableCredentials? credentials)
    {
        if (failure.Kind == StoreErrorKind.CredentialsExpired)
            _access.Forget(credentials);
        return failure;
    }

    // Signed when it leaves, not when it was queued: servers refuse signatures that are older than some minutes.
    private HttpRequestMessage Sign(S3Request request, ImmutableCredentials? credentials)
    {
        var (bucket, signer) = _bucket.Value;
        // The bucket itself is a slash: where it is part of the host name, an empty path would not be what is signed.
        var path = request.Key is { } key ? $"/{ObjectPath.Escape(Prefix + key)}" : "/";
        var message = new HttpRequestMessage(request.Method, ObjectPath.Address($"{bucket.OriginalString}{path}{(request.Query.Length > 0 ? "?" : "")}{request.Query}"));
        if (request.Body is { } body)
        {
            message.Content = new UploadContent(body);
            message.Headers.ExpectContinue = body.Length >= AskFirst;
        }

        if (request.Checksum)
            message.Headers.TryAddWithoutValidation("x-amz-checksum-sha256", Convert.ToBase64String(Convert.FromHexString(request.Sha256)));
        foreach (var (name, value) in request.Headers)
            message.Headers.TryAddWithoutValidation(name, value);
        signer.Sign(message, request.Sha256, credentials, Context.Time.GetUtcNow());
        return message;
    }
}
