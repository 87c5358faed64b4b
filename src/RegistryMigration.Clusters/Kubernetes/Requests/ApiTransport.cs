using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes.Authentication;
using RegistryMigration.Clusters.Kubernetes.Configuration;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Resilience;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Requests;

/// <summary>Sends requests to one API server: logged in, renewed once when refused, repeated where that is safe, failures as cluster errors.</summary>
internal sealed class ApiTransport : IDisposable
{
    // About 40 s on average, 75 s at most: an API server that is updated or elected is back by then.
    private static readonly RetryOptions Patient = new() { Attempts = 10, BaseDelay = TimeSpan.FromMilliseconds(250), MaxDelay = TimeSpan.FromSeconds(15) };

    // Before the first answer a wrong address is more likely than a restart.
    private static readonly RetryOptions Hasty = new() { Attempts = 3, BaseDelay = TimeSpan.FromMilliseconds(250) };

    private readonly ClusterSettings _settings;
    private readonly IApiCredentials _credentials;
    private readonly ApiConnections _connections;
    private readonly StoreContext _context;
    private readonly RetryPolicy _patient;
    private readonly RetryPolicy _hasty;
    private volatile bool _answered;

    public ApiTransport(ClusterSettings settings, IApiCredentials credentials, TimeSpan timeout, TimeProvider time)
    {
        _settings = settings;
        _credentials = credentials;
        Time = time;
        Timeout = timeout;
        _connections = new ApiConnections(settings);
        _context = StoreContext.Create(time);
        _patient = new RetryPolicy(Patient, time);
        _hasty = new RetryPolicy(Hasty, time);
    }

    public TimeProvider Time { get; }

    /// <summary>How long a server may keep silent within a request.</summary>
    public TimeSpan Timeout { get; }

    public StoreTraffic Traffic { get; } = new("cluster");

    /// <summary>Who we are, once it is known; for messages.</summary>
    public string? UserName { get; set; }

    /// <summary>What messages call the cluster.</summary>
    public string Name => _settings.Name;

    /// <summary>The answer as an object.</summary>
    public Task<Resource> SendAsync(ApiRequest request, CancellationToken cancellationToken) => RetryAsync(async token =>
    {
        await using var body = await OpenOnceAsync(request, Timeout, token);
        try
        {
            return new Resource((await JsonNode.ParseAsync(body, cancellationToken: token))?.AsObject() ?? throw new JsonException("null"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw ApiErrors.NotJson(request, Name, e);
        }
        catch (StoreException e)
        {
            throw ApiErrors.Of(request, e);
        }
    }, cancellationToken);

    /// <summary>The body as it comes. Repeated until it begins, not after. Its failures are <see cref="StoreException"/>s.</summary>
    /// <param name="request">The request.</param>
    /// <param name="silence">How long nothing may come.</param>
    /// <param name="cancellationToken">Ends the request and the body.</param>
    public Task<Stream> OpenAsync(ApiRequest request, TimeSpan silence, CancellationToken cancellationToken) =>
        RetryAsync(token => OpenOnceAsync(request, silence, token), cancellationToken);

    /// <summary>A connection that speaks another protocol from now on, and the answer that says which. The caller disposes the answer, and the stream with it.</summary>
    public Task<HttpResponseMessage> UpgradeAsync(ApiRequest request, Action<HttpRequestHeaders> headers, CancellationToken cancellationToken) =>
        RetryAsync(async token => (await AttemptAsync(request, Timeout, headers, token)).Response, cancellationToken);

    public void Dispose()
    {
        _connections.Dispose();
        _credentials.Dispose();
    }

    private async Task<T> RetryAsync<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken cancellationToken)
    {
        var result = await (_answered ? _patient : _hasty).ExecuteAsync(Traffic, token => new ValueTask<T>(attempt(token)), cancellationToken);
        _answered = true;
        return result;
    }

    private async Task<Stream> OpenOnceAsync(ApiRequest request, TimeSpan silence, CancellationToken cancellationToken)
    {
        var (response, exchange) = await AttemptAsync(request, silence, null, cancellationToken);
        return await exchange.OpenAsync(response, cancellationToken);
    }

    private async Task<(HttpResponseMessage Response, HttpExchange Exchange)> AttemptAsync(ApiRequest request, TimeSpan silence, Action<HttpRequestHeaders>? headers, CancellationToken cancellationToken)
    {
        var credential = await _credentials.GetAsync(cancellationToken);
        var (response, exchange) = await ExchangeAsync(request, credential, silence, headers, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Unauthorized && await RenewAsync(credential, response, cancellationToken))
        {
            response.Dispose();
            (response, exchange) = await ExchangeAsync(request, await _credentials.GetAsync(cancellationToken), silence, headers, cancellationToken);
        }

        if (response.StatusCode == HttpStatusCode.SwitchingProtocols || (response.IsSuccessStatusCode && headers is null))
            return (response, exchange);
        using (response)
            throw await FailureAsync(request, response, exchange, cancellationToken);
    }

    // 401 means that nothing was done, so any request may be sent again.
    private async ValueTask<bool> RenewAsync(ApiCredential refused, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return await _credentials.RenewAsync(refused, cancellationToken);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private async Task<(HttpResponseMessage, HttpExchange)> ExchangeAsync(ApiRequest request, ApiCredential credential, TimeSpan silence, Action<HttpRequestHeaders>? headers, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(request.Method, new Uri(_settings.Server.AbsoluteUri.TrimEnd('/') + request.Path));
        message.Headers.Authorization = credential.Authorization;
        message.Headers.TryAddWithoutValidation("Accept", request.Accept);
        message.Headers.UserAgent.Add(Agent);
        // SocketsHttpHandler takes the name for SNI and for the certificate from here; API servers don't look at it.
        if (_settings.TlsServerName is { } name)
            message.Headers.Host = name;
        foreach (var (header, value) in _settings.User.Impersonation)
            message.Headers.TryAddWithoutValidation(header, value);
        headers?.Invoke(message.Headers);
        if (request.Body is { } body)
            message.Content = Content(body, request.ContentType);
        var exchange = new HttpExchange(_connections.For(credential.Certificate), Traffic, _context with { StallTimeout = silence }, _ => Name);
        try
        {
            return (await exchange.SendAsync(message, Timeout, cancellationToken), exchange);
        }
        catch (StoreException e)
        {
            throw ApiErrors.Of(request, e);
        }
    }

    private async Task<ClusterException> FailureAsync(ApiRequest request, HttpResponseMessage response, HttpExchange exchange, CancellationToken cancellationToken)
    {
        if ((int)response.StatusCode is >= 300 and < 400 && response.Headers.Location is { } location)
            return new ClusterException(ClusterErrorKind.Other, $"{Name} redirects to {new Uri(response.RequestMessage!.RequestUri!, location).GetLeftPart(UriPartial.Authority)}. Use the API server's own address.") { StatusCode = (int)response.StatusCode };
        var retryAfter = HttpFailures.RetryAfter(response, Time);
        byte[] content;
        try
        {
            await using var stream = await exchange.OpenAsync(response, cancellationToken);
            using var body = await PooledBody.ReadAsync(stream, response.Content.Headers.ContentLength, cancellationToken);
            content = body.Span.ToArray();
        }
        catch (StoreException e) when (request.IsRead)
        {
            // What it says decides, for 404 above all; and a read can be sent again.
            return ApiErrors.Of(request, e);
        }
        catch (Exception e) when (e is StoreException or InvalidDataException)
        {
            content = [];
        }

        var status = ApiStatus.Read(content, (int)response.StatusCode);
        // The status line counts: a proxy may say more than the body does.
        return ApiErrors.Of(request, status with { Code = (int)response.StatusCode, RetryAfter = retryAfter ?? status.RetryAfter }, Name, UserName, _credentials.NextStep);
    }

    private static readonly ProductInfoHeaderValue Agent = new("registry-migration", typeof(ApiTransport).Assembly.GetName().Version?.ToString(3));

    private static ByteArrayContent Content(JsonNode body, string type)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            body.WriteTo(writer);
        return new ByteArrayContent(buffer.WrittenSpan.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
    }
}
