using Amazon.Runtime;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>Gives the SDK a client over the store's own handler, so that its requests share our connections and are counted.</summary>
internal sealed class S3HttpClients : HttpClientFactory, IDisposable
{
    private readonly HttpClient _client;

    public S3HttpClients(SocketsHttpHandler handler, StoreTraffic traffic)
    {
        Handler = handler;
        _client = new HttpClient(new CountingHandler(handler, traffic)) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>The connections of the store.</summary>
    public SocketsHttpHandler Handler { get; }

    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => _client;

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _client.Dispose();

    private sealed class CountingHandler(SocketsHttpHandler inner, StoreTraffic traffic) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            traffic.CountRequest();
            return base.SendAsync(request, cancellationToken);
        }
    }
}
