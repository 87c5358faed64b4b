using System.Runtime.ExceptionServices;
using Amazon.S3;
using RegistryMigration.Engine.Http;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>What every part of the store shares: the client, where things are, and how one request is sent.</summary>
internal sealed class S3Connection : IDisposable
{
    // CompleteMultipartUpload and copies of many GiB are silent while the server works: S3's documents speak of minutes.
    private static readonly TimeSpan LongWork = TimeSpan.FromMinutes(10);

    private readonly S3Client _client;
    private readonly S3HttpClients _http;

    public S3Connection(S3Client client, S3HttpClients http, StoreTraffic traffic, StoreContext context)
    {
        _client = client;
        _http = http;
        Traffic = traffic;
        Context = context;
    }

    /// <summary>The store for messages: address and root.</summary>
    public required string Name { get; init; }

    /// <summary>The server for messages: the endpoint, or AWS's host name.</summary>
    public required string Endpoint { get; init; }

    public required string Bucket { get; init; }

    /// <summary>What is put before every key: empty, or ending in a slash.</summary>
    public required string Prefix { get; init; }

    public StoreTraffic Traffic { get; }

    public StoreContext Context { get; }

    /// <summary>Which optional features this endpoint was seen to refuse.</summary>
    public S3Features Features { get; } = new();

    /// <summary>Sends one request. Failures are <see cref="StoreException"/>s, or what the body's own source threw.</summary>
    /// <param name="key">The key concerned, without the prefix, for messages.</param>
    /// <param name="send">The request.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    /// <param name="body">The upload's body, where there is one.</param>
    /// <param name="longWork">The server may work for minutes before it answers.</param>
    public async Task<T> SendAsync<T>(string? key, Func<IAmazonS3, CancellationToken, Task<T>> send, CancellationToken cancellationToken, RequestBody? body = null, bool longWork = false)
    {
        var limit = longWork && LongWork > Context.StallTimeout ? LongWork : Context.StallTimeout;
        using var watch = new StallWatch(limit, Context.Time);
        if (body is not null)
            body.Watch = watch;
        try
        {
            return await send(_client, watch.Start(cancellationToken));
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (body?.Failure is { } failure)
                ExceptionDispatchInfo.Throw(failure);
            throw S3Errors.From(e, watch, this, key);
        }
    }

    /// <summary>The same, sent again by the policy the store was given: for single pages and parts, whose repetition saves all the others.</summary>
    public async Task<T> RetryAsync<T>(string? key, Func<IAmazonS3, CancellationToken, Task<T>> send, CancellationToken cancellationToken, bool longWork = false) =>
        await Context.Retry.ExecuteAsync(Traffic, async token => await SendAsync(key, send, token, longWork: longWork), cancellationToken);

    public void Dispose()
    {
        _client.Dispose();
        _http.Dispose();
    }
}
