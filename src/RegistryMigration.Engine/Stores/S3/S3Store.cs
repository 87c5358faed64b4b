using System.Text;
using Amazon.S3.Model;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores.Trial;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>A bucket, or a part of one, of any server that speaks S3.</summary>
/// <remarks>
/// An ETag counts as an MD5 only where it looks like one. With SSE-KMS it looks like one and is none; callers may therefore use
/// <see cref="StoreEntry.Md5"/> to prove that content is the same, while a difference only means that the object has to be read.
/// </remarks>
internal sealed class S3Store : IStore, IServerSideCopy, IStoreInspection, IServedStore
{
    /// <summary>The longest key that S3 takes, in UTF-8 bytes.</summary>
    public const int MaxKeyBytes = 1024;

    private readonly S3Connection _connection;
    private readonly S3Listing _listing;
    private readonly S3Writing _writing;
    private readonly string _identity;
    private readonly string? _region;
    private readonly TlsOptions _tls;

    private S3Store(S3Connection connection, S3Options options, TlsOptions tls)
    {
        _connection = connection;
        _listing = new S3Listing(connection);
        _writing = new S3Writing(connection, options);
        _identity = S3Clients.IdentityOf(options);
        _region = options.Region;
        _tls = tls;
        Copying = new S3Copying(connection, options.PartSize, options.PartConcurrency);
    }

    /// <inheritdoc />
    public string Name => _connection.Name;

    /// <inheritdoc />
    /// <remarks><see cref="StoreCapabilities.ConditionalWrite"/> is what was seen so far: it turns false when the server answers 501.</remarks>
    public StoreCapabilities Capabilities => new()
    {
        ListsMd5 = true,
        ConditionalWrite = _connection.Features.ConditionalWrite,
        MaxKeyBytes = MaxKeyBytes - Encoding.UTF8.GetByteCount(_connection.Prefix),
    };

    /// <inheritdoc />
    public StoreTraffic Traffic => _connection.Traffic;

    /// <inheritdoc />
    public TlsOptions Tls => _tls;

    internal S3Copying Copying { get; }

    /// <summary>For what is asked rarely, and of S3 alone.</summary>
    internal S3Connection Connection => _connection;

    /// <summary>Opens a store. Nothing is sent before the first request.</summary>
    /// <param name="address">Bucket and prefix.</param>
    /// <param name="root">A further prefix below the address; empty, or segments with <c>/</c> between them.</param>
    /// <param name="options">Endpoint, region, credentials, part sizes.</param>
    /// <param name="tls">Whom to trust.</param>
    /// <param name="context">Clock, retries, stall time-out and memory.</param>
    /// <exception cref="StoreException">Options contradict each other, or a file they name can't be read.</exception>
    public static S3Store Create(StoreAddress address, string root, S3Options options, TlsOptions tls, StoreContext context)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        var below = root.Trim('/');
        var name = below.Length == 0 ? address.ToString() : $"{address}/{below}";
        var traffic = new StoreTraffic("s3");
        var http = new S3HttpClients(HttpHandlers.Create(tls), traffic);
        try
        {
            return new S3Store(new S3Connection(S3Clients.Create(options, http, name, context), http, traffic, context)
            {
                Name = name,
                Endpoint = options.Endpoint?.GetLeftPart(UriPartial.Authority) ?? "Amazon S3",
                Bucket = address.Container,
                Prefix = below.Length == 0 ? address.Prefix : $"{address.Prefix}{below}/",
            }, options, tls);
        }
        catch
        {
            http.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public IAsyncEnumerable<ReadOnlyMemory<StoreEntry>> ListAsync(string prefix, Action<RejectedEntry>? rejected, CancellationToken cancellationToken) =>
        _listing.ListAsync(prefix, cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<string>> ListPrefixesAsync(string prefix, CancellationToken cancellationToken) => _listing.ListPrefixesAsync(prefix, cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<StoreEntry>> ListFilesAsync(string prefix, CancellationToken cancellationToken) => _listing.ListFilesAsync(prefix, cancellationToken);

    /// <inheritdoc />
    public Task<StoreEntry?> StatAsync(string key, CancellationToken cancellationToken) => S3Reading.StatAsync(_connection, key, cancellationToken);

    /// <inheritdoc />
    public Task<StoreReader> ReadAsync(string key, long offset, string? version, CancellationToken cancellationToken) =>
        S3Reading.ReadAsync(_connection, key, offset, version, cancellationToken);

    /// <inheritdoc />
    public Task<WriteOutcome> WriteAsync(string key, StoreContent content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        RefuseBadKey(key);
        return _writing.WriteAsync(key, content, cancellationToken);
    }

    /// <inheritdoc />
    public async Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            await _connection.SendAsync(key, (client, token) => client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = _connection.Bucket, Key = _connection.Prefix + key }, token), cancellationToken);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound && S3Errors.CodeOf(e) == "NoSuchKey")
        {
            // S3 answers 204 here; Swift says that there was nothing.
        }
    }

    /// <inheritdoc />
    public Task<bool> InitializeAsync(IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken) =>
        new S3Initialization(_connection, _region).RunAsync(metadata, cancellationToken);

    /// <inheritdoc />
    public Task<StoreDescription?> DescribeAsync(CancellationToken cancellationToken) => new S3Initialization(_connection, _region).DescribeAsync(cancellationToken);

    /// <inheritdoc />
    public Task<Uri> ServerAsync(CancellationToken cancellationToken) => Task.FromResult(_connection.Server());

    /// <inheritdoc />
    public bool CanCopyFrom(IStore source) =>
        source is S3Store other
        && other._connection.Endpoint == _connection.Endpoint
        && other._region == _region
        && other._identity == _identity
        && other._tls.CertificateAuthorityPath == _tls.CertificateAuthorityPath
        && other._tls.SkipCertificateCheck == _tls.SkipCertificateCheck;

    /// <inheritdoc />
    public Task CopyFromAsync(IStore source, string sourceKey, string key, long size, CancellationToken cancellationToken)
    {
        if (!CanCopyFrom(source))
            throw new ArgumentException($"{source.Name} is reached in another way than {Name}, so the server can't copy from it.", nameof(source));
        RefuseBadKey(key);
        return Copying.CopyAsync(((S3Store)source)._connection, sourceKey, key, size, cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        return ValueTask.CompletedTask;
    }

    private void RefuseBadKey(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        var bytes = Encoding.UTF8.GetByteCount(_connection.Prefix) + Encoding.UTF8.GetByteCount(key);
        if (bytes > MaxKeyBytes)
            throw new StoreException(StoreErrorKind.InvalidKey, FormattableString.Invariant($"A key of {bytes} bytes is longer than the {MaxKeyBytes} that S3 takes. Use a shorter prefix, or leave this entry out.")) { Store = Name, Key = key };
    }
}
