using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Registries;

/// <summary>A client of one registry's HTTP API, as the OCI distribution specification defines it.</summary>
/// <remarks>
/// Every failure is a <see cref="StoreException"/> in the registry's own words; what may pass is repeated by the policy it was given.
/// Content is never handed on as complete unless it hashes to its digest. All members may be called concurrently.
/// </remarks>
public sealed partial class RegistryClient : IDisposable
{
    private readonly RegistryTransport _transport;
    private readonly StoreContext _context;

    /// <summary>A client with one pool of connections. Nothing is sent yet.</summary>
    /// <param name="endpoint">Where and as whom.</param>
    /// <param name="context">Clock, retries and stall time-out; null takes the defaults.</param>
    /// <exception cref="StoreException">The certificate authority file can't be read.</exception>
    public RegistryClient(RegistryEndpoint endpoint, StoreContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        Endpoint = endpoint;
        _context = context ?? new StoreContext();
        _transport = new RegistryTransport(endpoint, _context);
    }

    /// <summary>Where and as whom.</summary>
    public RegistryEndpoint Endpoint { get; }

    /// <summary>The registry's address, for messages.</summary>
    public string Name => Endpoint.ToString();

    /// <summary>Requests and bytes so far.</summary>
    public StoreTraffic Traffic => _transport.Traffic;

    /// <inheritdoc />
    public void Dispose() => _transport.Dispose();

    private ValueTask<T> RetryAsync<T>(Func<CancellationToken, ValueTask<T>> attempt, CancellationToken cancellationToken) =>
        _context.Retry.ExecuteAsync(Traffic, attempt, cancellationToken);

    private ValueTask<T> RequestAsync<T>(RegistryRequest request, Func<HttpResponseMessage, CancellationToken, ValueTask<T>> read, CancellationToken cancellationToken) =>
        RetryAsync(async token =>
        {
            using var response = await _transport.SendAsync(request, token);
            return await read(response, token);
        }, cancellationToken);

    // Names come from outside (a catalog, a user): none may lead to another path than its own.
    private Uri AddressOf(string repository, string rest)
    {
        var parts = repository.Split('/');
        if (parts.Any(part => part is "" or "." or ".."))
            throw new StoreException(StoreErrorKind.InvalidKey, $"'{repository}' can't be a repository of {Name}. Give lower-case parts joined by '/'.") { Store = Name, Key = repository };
        return new Uri(Endpoint.Url, $"v2/{string.Join('/', parts.Select(Uri.EscapeDataString))}/{rest}");
    }

    private static string[] PullScope(string repository) => [$"repository:{repository}:pull"];

    private static string[] PushScope(string repository) => [$"repository:{repository}:pull,push"];

    private static string[] DeleteScope(string repository) => [$"repository:{repository}:delete,pull"];
}
