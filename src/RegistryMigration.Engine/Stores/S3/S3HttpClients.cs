using Amazon.Runtime;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>Gives the SDK the one HttpClient of a store, whose handler counts every request that is really sent.</summary>
internal sealed class S3HttpClients : HttpClientFactory, IDisposable
{
    private readonly HttpClient _client;

    public S3HttpClients(SocketsHttpHandler handler, StoreTraffic traffic) =>
        _client = new HttpClient(new RequestHandler(handler, traffic)) { Timeout = Timeout.InfiniteTimeSpan };

    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => _client;

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

    public void Dispose() => _client.Dispose();

    private sealed class RequestHandler(SocketsHttpHandler inner, StoreTraffic traffic) : DelegatingHandler(inner)
    {
        // Asking first costs a round trip; not asking costs the transfer of a body that a full, busy or read-only server refuses.
        private const long AskFirst = 1 << 20;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            traffic.CountRequest();
            request.Headers.ExpectContinue = request.Content?.Headers.ContentLength >= AskFirst;
            return base.SendAsync(request, cancellationToken);
        }
    }
}
