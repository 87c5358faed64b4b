using System.Runtime.CompilerServices;
using System.Text;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores.Swift.Authentication;
using RegistryMigration.Engine.Stores.Swift.Configuration;
using RegistryMigration.Engine.Stores.Swift.LargeObjects;
using RegistryMigration.Engine.Stores.Swift.Objects;
using RegistryMigration.Engine.Stores.Swift.Transport;
using RegistryMigration.Engine.Stores.Trial;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.Swift;

/// <summary>A container of OpenStack Swift, or of radosgw's Swift API.</summary>
/// <remarks>
/// Plain objects are written in one request with their MD5 checked. Larger ones become dynamic large objects with segments in the same
/// container, as docker-registry's Swift driver writes and deletes them. Large objects of either kind are read through. TempURLs are not used.
/// </remarks>
internal sealed class SwiftStore : IStore, IServerSideCopy, IStoreInspection, IServedStore
{
    private readonly string _root;
    private readonly int _rootBytes;
    private readonly long _segmentThreshold;
    private readonly SwiftSettings _settings;
    private readonly HttpMessageInvoker _http;
    private readonly CancellationTokenSource _lifetime = new();
    private readonly SwiftClient _client;
    private readonly LimitsReader _limits;
    private readonly ContainerListing _listing;
    private readonly ObjectReading _reading;
    private readonly ObjectWriting _writing;
    private readonly ObjectRemoval _removal;
    private readonly SegmentedWriting _segmented;
    private readonly ServerSideCopy _copy;

    private SwiftStore(StoreAddress address, string root, SwiftOptions options, SwiftSettings settings, HttpMessageHandler handler, StoreContext context, int? pageSize)
    {
        _root = address.Prefix + root;
        _rootBytes = Encoding.UTF8.GetByteCount(_root);
        _settings = settings;
        _segmentThreshold = options.SegmentThreshold ?? options.SegmentSize;
        Name = $"swift://{address.Container}/{_root}".TrimEnd('/');
        Traffic = new StoreTraffic("swift");

        _http = new HttpMessageInvoker(handler);
        var exchange = new HttpExchange(_http, Traffic, context, server => server.Authority);
        var errors = new SwiftErrors(exchange, Name, address.Container);
        var sessions = new SessionKeeper(Authentication(settings, exchange, errors), context.Time, _lifetime.Token);
        _client = new SwiftClient(exchange, errors, sessions, address.Container);
        _limits = new LimitsReader(_client, _lifetime.Token);
        _listing = new ContainerListing(_client, _limits, pageSize);
        var paths = new SegmentPaths(address.Prefix, root);
        var segments = new Segments(_client, _listing, paths);
        _reading = new ObjectReading(_client);
        _removal = new ObjectRemoval(_client, segments);
        _writing = new ObjectWriting(_client, _removal);
        _segmented = new SegmentedWriting(_client, paths, segments, options.SegmentSize);
        _copy = new ServerSideCopy(_client);
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <inheritdoc />
    /// <remarks>Those of OpenStack Swift until the servers were asked, which the first listing or write does.</remarks>
    public StoreCapabilities Capabilities
    {
        get
        {
            var limits = _limits.Known;
            return new StoreCapabilities
            {
                ListsMd5 = true,
                ConditionalWrite = limits?.IsOpenStack ?? true,
                MaxKeyBytes = Math.Max(0, (limits ?? new SwiftLimits()).MaxNameBytes - _rootBytes),
            };
        }
    }

    /// <inheritdoc />
    public StoreTraffic Traffic { get; }

    /// <inheritdoc />
    public required TlsOptions Tls { get; init; }

    /// <summary>Makes a store; nothing is sent before it is used.</summary>
    /// <param name="address">The container and a prefix in it.</param>
    /// <param name="root">What all keys are below, after the prefix: empty, or ending in <c>/</c>.</param>
    /// <param name="options">How to authenticate, and the size of segments.</param>
    /// <param name="tls">Whom to trust; a cloud's <c>cacert</c> counts where this names no authority.</param>
    /// <param name="context">Clock, retries, time-outs and memory.</param>
    /// <exception cref="StoreException">The options are incomplete or contradictory, or a file they name can't be read.</exception>
    public static SwiftStore Create(StoreAddress address, string root, SwiftOptions options, TlsOptions tls, StoreContext context) =>
        Create(address, root, options, tls, context, pageSize: null);

    /// <summary>The same with pages of a size other than the servers' limit.</summary>
    internal static SwiftStore Create(StoreAddress address, string root, SwiftOptions options, TlsOptions tls, StoreContext context, int? pageSize)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(tls);
        ArgumentNullException.ThrowIfNull(context);
        if (options.SegmentSize <= 0)
            throw new StoreException(StoreErrorKind.Other, "The segment size must be above 0. docker-registry's driver writes 20 MiB.");
        var settings = SwiftSettingsResolver.Resolve(options, tls);
        var trust = tls is { CertificateAuthorityPath: null, SkipCertificateCheck: false } && settings.CertificateAuthorityPath is { } authority
            ? new TlsOptions { CertificateAuthorityPath = authority }
            : tls;
        return new SwiftStore(address, root, options, settings, HttpHandlers.Create(trust), context, pageSize) { Tls = trust };
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<ReadOnlyMemory<StoreEntry>> ListAsync(string prefix, Action<RejectedEntry>? rejected, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        await foreach (var page in _listing.PagesAsync(_root, prefix, levels: false, newest: false, rejected, cancellationToken))
        {
            var entries = new StoreEntry[page.Count];
            var count = 0;
            foreach (var listed in page)
            {
                if (listed.Name.Length > 0)
                    entries[count++] = Entry(listed);
                else
                    rejected?.Invoke(new RejectedEntry(_root, "an object with the name of the root itself: a directory marker"));
            }

            yield return entries.AsMemory(0, count);
        }
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<string>> ListPrefixesAsync(string prefix, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        var prefixes = new List<string>();
        await foreach (var page in _listing.PagesAsync(_root, prefix, levels: true, newest: false, rejected: null, cancellationToken))
            prefixes.AddRange(page.Select(entry => entry.Name).Where(name => name.Length > prefix.Length && name[^1] == '/'));
        return prefixes;
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<StoreEntry>> ListFilesAsync(string prefix, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        var files = new List<StoreEntry>();
        await foreach (var page in _listing.PagesAsync(_root, prefix, levels: true, newest: false, rejected: null, cancellationToken))
            files.AddRange(page.Where(entry => entry.Name.Length > prefix.Length && entry.Name[^1] != '/').Select(Entry));
        return files;
    }

    /// <inheritdoc />
    /// <remarks>A dynamic large object whose segments are missing has a size of 0.</remarks>
    public async Task<StoreEntry?> StatAsync(string key, CancellationToken cancellationToken) =>
        await ObjectHead.AskAsync(_client, _root + key, key, cancellationToken) is { } head
            ? new StoreEntry(key, head.Length ?? StoreEntry.UnknownSize, head.Md5, head.LastModified)
            : null;

    /// <inheritdoc />
    public Task<StoreReader> ReadAsync(string key, long offset, string? version, CancellationToken cancellationToken) =>
        _reading.OpenAsync(_root + key, key, offset, version, cancellationToken);

    /// <inheritdoc />
    /// <remarks>
    /// A plain object that replaces a large one leaves the old segments behind: to find them would cost a request before every write.
    /// A large object that replaces another deletes its segments.
    /// </remarks>
    public async Task<WriteOutcome> WriteAsync(string key, StoreContent content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(content);
        var limits = await _limits.GetAsync(cancellationToken);
        var name = Named(key, limits);
        return content.Length > Math.Min(_segmentThreshold, limits.MaxFileSize)
            ? await _segmented.WriteAsync(name, key, content, limits.MaxFileSize, cancellationToken)
            : await _writing.WriteAsync(name, key, content, cancellationToken);
    }

    /// <inheritdoc />
    public Task DeleteAsync(string key, CancellationToken cancellationToken) => _removal.DeleteAsync(_root + key, key, cancellationToken);

    /// <inheritdoc />
    public async Task<bool> InitializeAsync(IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        var request = new SwiftRequest(HttpMethod.Put) { Content = () => new ByteArrayContent([]) };
        foreach (var (name, value) in metadata)
            request.Headers[$"X-Container-Meta-{name}"] = Ascii.IsValid(value) ? value : Uri.EscapeDataString(value);
        using var response = await _client.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw await _client.Errors.FromAsync(response, $"make container '{_client.Container}'", null, cancellationToken);
        return response.StatusCode == System.Net.HttpStatusCode.Created;
    }

    /// <inheritdoc />
    public Task<StoreDescription?> DescribeAsync(CancellationToken cancellationToken) => ContainerDescription.ReadAsync(_client, _limits, cancellationToken);

    /// <inheritdoc />
    public async Task<Uri> ServerAsync(CancellationToken cancellationToken) => await _client.StorageUrlAsync(cancellationToken);

    /// <inheritdoc />
    public bool CanCopyFrom(IStore source) => source is SwiftStore other && _settings.SameIdentityAs(other._settings);

    /// <inheritdoc />
    /// <remarks>
    /// What is too large for one object is read and written through here, in segments, and so is everything at radosgw, which would copy
    /// a large object's manifest instead of its content.
    /// </remarks>
    public async Task CopyFromAsync(IStore source, string sourceKey, string key, long size, CancellationToken cancellationToken)
    {
        var other = source as SwiftStore ?? throw new ArgumentException("Not a Swift store: ask CanCopyFrom first.", nameof(source));
        var limits = await _limits.GetAsync(cancellationToken);
        if (limits.IsOpenStack && size <= limits.MaxFileSize)
            await _copy.CopyAsync(other._client.Container, other._root + sourceKey, Named(key, limits), key, cancellationToken);
        else
            await WriteAsync(key, new StoreContent(size, async token => (await other.ReadAsync(sourceKey, 0, null, token)).Content), cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _lifetime.CancelAsync();
        _http.Dispose();
        _lifetime.Dispose();
    }

    // A listing can't tell an empty object from a large one: both have 0 bytes and the MD5 of nothing.
    private static StoreEntry Entry(ListedObject listed) => listed.Bytes == 0
        ? new StoreEntry(listed.Name, StoreEntry.UnknownSize, null, listed.LastModified)
        : new StoreEntry(listed.Name, listed.Bytes, listed.Hash, listed.LastModified);

    private static ISwiftAuthentication Authentication(SwiftSettings settings, HttpExchange http, SwiftErrors errors) => settings.Method switch
    {
        SwiftAuthMethod.TempAuth => new TempAuth(settings, http, errors),
        SwiftAuthMethod.Token when settings.StorageUrl is not null => new GivenToken(settings, http.Context.Time),
        _ => new KeystoneAuth(settings, http, errors),
    };

    private string Named(string key, SwiftLimits limits)
    {
        var name = _root + key;
        if (key.Length == 0 || key.Contains('\0', StringComparison.Ordinal))
            throw _client.Errors.Make(StoreErrorKind.InvalidKey, "The key is empty or contains NUL, which Swift takes for no name.", key);
        if (name.Length > limits.MaxNameBytes / 3 && Encoding.UTF8.GetByteCount(name) > limits.MaxNameBytes)
            throw _client.Errors.Make(StoreErrorKind.InvalidKey, $"The key '{key[..32]}…' is too long: with its prefix it has {Encoding.UTF8.GetByteCount(name)} bytes, and this server takes {limits.MaxNameBytes}.", key);
        return name;
    }
}
