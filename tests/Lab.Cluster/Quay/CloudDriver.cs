using System.Text.Json.Nodes;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Everything that speaks S3: storage/cloud.py.</summary>
internal sealed class CloudDriver : IStorageDriver
{
    // How config-tool asks, and how long it waits (config-tool/pkg/lib/shared/storage_validators.go, validateMinioGateway).
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly string _location;
    private readonly string _root;
    private readonly string _bucket;
    private readonly string _endpoint;
    private readonly bool _encrypts;
    private readonly ClientFactory _http;
    private readonly ClientFactory _validatingHttp;
    private readonly AmazonS3Client _client;
    private readonly Func<ClientFactory, AWSCredentials, AmazonS3Client> _connect;
    private readonly AWSCredentials _keys;
    private readonly AWSCredentials _validatingKeys;
    private bool _connected;

    public CloudDriver(string location, string driver, JsonObject parameters, QuayTrust trust)
    {
        string? Text(string name) => parameters[name]?.ToString() is { Length: > 0 } text ? text : null;
        var isS3 = driver is "S3Storage" or "STSS3Storage";
        _location = location;
        _root = Text("storage_path") ?? "";
        _bucket = Text(isS3 ? "s3_bucket" : "bucket_name") ?? "";
        // A region wins over host and endpoint_url, and leads to Amazon.
        _endpoint = !isS3 ? Endpoint(Text("hostname") ?? "", Text("port"), QuayConfig.IsTrue(parameters["is_secure"]))
            : Text("s3_region") is { } region ? $"https://s3.{region}.amazonaws.com"
            : Text("endpoint_url") ?? (Text("host") is { } host ? Endpoint(host, Text("port"), isSecure: true) : "https://s3.amazonaws.com");
        _encrypts = isS3;
        var (access, secret) = (Text(isS3 ? "s3_access_key" : "access_key") ?? "none", Text(isS3 ? "s3_secret_key" : "secret_key") ?? "none");
        var signed = Text(isS3 ? "s3_region" : "region_name") ?? "us-east-1";
        _http = new ClientFactory(new SocketsHttpHandler { UseProxy = false, SslOptions = { RemoteCertificateValidationCallback = (_, certificate, chain, errors) => trust.Accepts(certificate, chain, errors) } });
        _validatingHttp = new ClientFactory(new SocketsHttpHandler { UseProxy = false, SslOptions = { RemoteCertificateValidationCallback = (_, certificate, chain, errors) => trust.AcceptsPartial(certificate, chain, errors) } });
        _connect = (http, credentials) => new AmazonS3Client(credentials, new AmazonS3Config
        {
            ServiceURL = _endpoint,
            AuthenticationRegion = signed,
            // boto3 does so where it is given an address.
            ForcePathStyle = true,
            MaxErrorRetry = 0,
            HttpClientFactory = http,
            // A trailing checksum is a 400 at Ceph.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });
        AWSCredentials Keys(string? sts, ClientFactory http) => driver == "STSS3Storage"
            ? new RoleKeys(Text("sts_role_arn"), Text("sts_user_access_key"), Text("sts_user_secret_key"), sts, http)
            : new BasicAWSCredentials(access, secret);
        // config-tool takes endpoint_url for STS, too (buildSTSEndpointConfig); the driver asks AWS, or what botocore's variable says.
        _validatingKeys = Keys(Text("endpoint_url"), _validatingHttp);
        _keys = Keys(Environment.GetEnvironmentVariable("AWS_ENDPOINT_URL_STS"), _http);
        _client = _connect(_http, _keys);
    }

    public Task ConnectAsync(CancellationToken cancellationToken) => TryAsync(async () =>
    {
        if (!_connected)
            await _client.HeadBucketAsync(new HeadBucketRequest { BucketName = _bucket }, cancellationToken);
        _connected = true;
        return true;
    });

    public async Task<Uri?> DirectUrlAsync(string path, CancellationToken cancellationToken)
    {
        await ConnectAsync(cancellationToken);
        return new Uri(await _client.GetPreSignedURLAsync(new GetPreSignedUrlRequest
        {
            BucketName = _bucket,
            Key = Key(path),
            Verb = HttpVerb.GET,
            Protocol = _endpoint.StartsWith("https:", StringComparison.Ordinal) ? Protocol.HTTPS : Protocol.HTTP,
            Expires = TimeProvider.System.GetUtcNow().AddSeconds(600).UtcDateTime,
        }));
    }

    public async Task<Stream> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await ConnectAsync(cancellationToken);
        return await TryAsync(async () => (await _client.GetObjectAsync(_bucket, Key(path), cancellationToken)).ResponseStream);
    }

    public async Task WriteAsync(string path, Stream content, CancellationToken cancellationToken)
    {
        await ConnectAsync(cancellationToken);
        await TryAsync(() => _client.PutObjectAsync(new PutObjectRequest
        {
            BucketName = _bucket,
            Key = Key(path),
            InputStream = content,
            AutoCloseStream = false,
            // Swift's S3 API answers 501 to signed chunks.
            UseChunkEncoding = false,
            ServerSideEncryptionMethod = _encrypts ? ServerSideEncryptionMethod.AES256 : null,
        }, cancellationToken));
    }

    public async Task<bool> ExistsAsync(string path, CancellationToken cancellationToken)
    {
        await ConnectAsync(cancellationToken);
        return await TryAsync(async () =>
        {
            try
            {
                await _client.GetObjectMetadataAsync(_bucket, Key(path), cancellationToken);
                return true;
            }
            catch (AmazonS3Exception e) when (e.StatusCode == System.Net.HttpStatusCode.NotFound)
            {
                return false;
            }
        });
    }

    public async Task DeleteAsync(string path, CancellationToken cancellationToken)
    {
        await ConnectAsync(cancellationToken);
        await TryAsync(() => _client.DeleteObjectAsync(_bucket, Key(path), cancellationToken));
    }

    public string ChunkPath(string upload, int number) => $"uploads/{Guid.NewGuid()}";

    // One chunk is copied and stays where it was, until Quay's worker deletes it: complete_chunked_upload.
    public async Task AssembleAsync(string upload, IReadOnlyList<string> chunks, string path, CancellationToken cancellationToken)
    {
        await ConnectAsync(cancellationToken);
        if (chunks.Count == 1)
        {
            await TryAsync(() => _client.CopyObjectAsync(_bucket, Key(chunks[0]), _bucket, Key(path), cancellationToken));
            return;
        }
        var file = Path.GetTempFileName();
        await using var joined = new FileStream(file, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        foreach (var chunk in chunks)
            await using (var part = await ReadAsync(chunk, cancellationToken))
                await part.CopyToAsync(joined, cancellationToken);
        joined.Position = 0;
        await WriteAsync(path, joined, cancellationToken);
        foreach (var chunk in chunks)
            await DeleteAsync(chunk, cancellationToken);
    }

    public async Task<string?> ObjectionAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        using var client = _connect(_validatingHttp, _validatingKeys);
        try
        {
            await client.HeadBucketAsync(new HeadBucketRequest { BucketName = _bucket }, limit.Token);
            // STSS3Storage takes its role on where it is made, and Quay does not start without.
            if (_keys is RoleKeys role)
                await role.GetCredentialsAsync().WaitAsync(limit.Token);
            return null;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return $"Could not find bucket ({_bucket}) in storage ({_location})";
        }
        catch (Exception e) when (e is AmazonServiceException or AmazonClientException or HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return $"Could not connect to storage {_location}. Error: {e.Message}";
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _http.Dispose();
        _validatingHttp.Dispose();
    }

    // _build_endpoint_url
    private static string Endpoint(string host, string? port, bool isSecure)
    {
        if (!host.StartsWith("http://", StringComparison.Ordinal) && !host.StartsWith("https://", StringComparison.Ordinal))
            host = (isSecure ? "https://" : "http://") + host;
        return port is null || host.Split(':')[^1].Trim(' ', '/').All(char.IsAsciiDigit) ? host : $"{host}:{port}";
    }

    // _init_path: joined as Python's os.path.join, and one leading slash goes.
    private string Key(string path)
    {
        var key = _root.Length == 0 || _root.EndsWith('/') ? _root + path : $"{_root}/{path}";
        return key.StartsWith('/') ? key[1..] : key;
    }

    private static async Task<T> TryAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (e is AmazonServiceException or AmazonClientException or HttpRequestException or UriFormatException)
        {
            throw new QuayStorageException($"{e.GetType().Name}: {e.Message}", e);
        }
    }

    private sealed class ClientFactory(SocketsHttpHandler handler) : HttpClientFactory, IDisposable
    {
        private readonly HttpClient _client = new(handler);

        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => _client;

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

        public void Dispose() => _client.Dispose();
    }
}
