using System.Text.Json;

namespace RegistryMigration.Lab.Cluster;

/// <summary>
/// Quay's database as a directory of JSON: what exists, and at which location by name. Manifests are in it, blobs are not. Several Quays may share
/// it, and a test may read and write it.
/// </summary>
public sealed class QuayDatabase(string directory)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Users, robots and organisations.</summary>
    public QuayAccounts Accounts => Read<QuayAccounts>("accounts.json") ?? new QuayAccounts();

    /// <summary>Makes the accounts.</summary>
    public void Write(QuayAccounts accounts) => Store("accounts.json", accounts);

    /// <summary>namespace/name of every repository, in order.</summary>
    public IReadOnlyList<string> Repositories()
    {
        var root = Path.Combine(directory, "repositories");
        return Directory.Exists(root)
            ? [.. Directory.EnumerateFiles(root, "*.json", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(root, file)[..^5]).Order(StringComparer.Ordinal)]
            : [];
    }

    /// <summary>A repository; null where there is none.</summary>
    public QuayRepository? Repository(string name) => Read<QuayRepository>($"repositories/{name}.json");

    /// <summary>A blob; null where there is none.</summary>
    public QuayBlob? Blob(string digest) => Read<QuayBlob>($"blobs/{Hex(digest)}.json");

    /// <summary>An upload; null where there is none.</summary>
    public QuayUpload? Upload(string id) => Guid.TryParse(id, out _) ? Read<QuayUpload>($"uploads/{id}.json") : null;

    /// <summary>Keeps a blob, or what is known of it.</summary>
    public void Write(string digest, QuayBlob blob) => Store($"blobs/{Hex(digest)}.json", blob);

    /// <summary>Keeps an upload.</summary>
    public void Write(string id, QuayUpload upload) => Store($"uploads/{id}.json", upload);

    /// <summary>Forgets an upload.</summary>
    public void Forget(string id) => File.Delete(Path.Combine(directory, "uploads", $"{id}.json"));

    /// <summary>Service keys by their id (kid).</summary>
    public IReadOnlyDictionary<string, QuayServiceKeyRow> ServiceKeys => ReadServiceKeys();

    /// <summary>Changes service keys while nobody else does.</summary>
    public async Task ChangeServiceKeysAsync(Action<SortedDictionary<string, QuayServiceKeyRow>> change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        await using var held = await LockAsync(cancellationToken);
        var keys = ReadServiceKeys();
        change(keys);
        Store("service-keys.json", keys);
    }

    /// <summary>The key that signs tokens, which all Quays on this database accept.</summary>
    public async Task<byte[]> SigningKeyAsync(CancellationToken cancellationToken)
    {
        await using var held = await LockAsync(cancellationToken);
        if (Read<byte[]>("signing-key.json") is { } known)
            return known;
        var made = System.Security.Cryptography.RandomNumberGenerator.GetBytes(32);
        Store("signing-key.json", made);
        return made;
    }

    /// <summary>Changes a repository while nobody else does; one that is not there is made where <paramref name="create"/> says so.</summary>
    public async Task<bool> ChangeAsync(string name, Action<QuayRepository> change, CancellationToken cancellationToken, bool create = false)
    {
        await using var held = await LockAsync(cancellationToken);
        if ((Repository(name) ?? (create ? new QuayRepository() : null)) is not { } repository)
            return false;
        change(repository);
        Store($"repositories/{name}.json", repository);
        return true;
    }

    private SortedDictionary<string, QuayServiceKeyRow> ReadServiceKeys() => Read<SortedDictionary<string, QuayServiceKeyRow>>("service-keys.json") ?? new SortedDictionary<string, QuayServiceKeyRow>(StringComparer.Ordinal);

    private static string Hex(string digest) => digest[(digest.IndexOf(':', StringComparison.Ordinal) + 1)..];

    private T? Read<T>(string name)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(Path.Combine(directory, name)), Json);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return default;
        }
    }

    private void Store<T>(string name, T value)
    {
        var file = Path.Combine(directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var partial = $"{file}.{Guid.NewGuid():n}";
        File.WriteAllBytes(partial, JsonSerializer.SerializeToUtf8Bytes(value, Json));
        File.Move(partial, file, overwrite: true);
    }

    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(directory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            }
        }
    }
}

/// <summary>Who may log in, and what exists as a namespace beside the users' own.</summary>
public sealed class QuayAccounts
{
    /// <summary>Users, and robots as <c>namespace+name</c>.</summary>
    public Dictionary<string, QuayAccount> Users { get; init; } = [];

    /// <summary>Organisations.</summary>
    public HashSet<string> Organizations { get; init; } = [];

    /// <summary>Tokens of OAuth applications.</summary>
    public Dictionary<string, QuayOAuthToken> Tokens { get; init; } = [];

    /// <summary>Whether there is such a namespace.</summary>
    public bool HasNamespace(string name) => Organizations.Contains(name) || (Users.ContainsKey(name) && !name.Contains('+', StringComparison.Ordinal));

    /// <summary>Whether a user or robot may read (or write) what lies in a namespace.</summary>
    public bool May(string? user, string @namespace, bool write) => user is not null && Users.TryGetValue(user, out var account)
        && (user == @namespace || account.Organizations.Contains(@namespace)) && !(write && account.ReadOnly);
}

/// <summary>A user or robot.</summary>
public sealed class QuayAccount
{
    /// <summary>The password or robot token.</summary>
    public string Password { get; init; } = "";

    /// <summary>Namespaces beside its own.</summary>
    public HashSet<string> Organizations { get; init; } = [];

    /// <summary>Whether it may only pull.</summary>
    public bool ReadOnly { get; init; }
}

/// <summary>A token of an OAuth application.</summary>
/// <param name="User">Who made it.</param>
/// <param name="Scopes">What it allows, as <c>super:user repo:read</c>.</param>
/// <param name="Expires">When it ends to.</param>
public sealed record QuayOAuthToken(string User, string Scopes, DateTimeOffset? Expires = null);

/// <summary>A service key, without its private part.</summary>
/// <param name="Name">For people.</param>
/// <param name="Service">Who signs with it; <c>quay</c> is Quay itself.</param>
/// <param name="PublicKey">The public part as PEM.</param>
/// <param name="Expiration">When it is over; null is never.</param>
/// <param name="Approved">Whether a superuser has approved it.</param>
public sealed record QuayServiceKeyRow(string Name, string Service, string PublicKey, DateTimeOffset? Expiration, bool Approved);

/// <summary>A repository.</summary>
public sealed class QuayRepository
{
    /// <summary>Whether anybody may pull.</summary>
    public bool Public { get; set; }

    /// <summary>The digest of each tag.</summary>
    public SortedDictionary<string, string> Tags { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Manifests by digest.</summary>
    public SortedDictionary<string, QuayManifest> Manifests { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Digests of the blobs that it has.</summary>
    public SortedSet<string> Blobs { get; init; } = new(StringComparer.Ordinal);

    /// <summary>A manifest that a tag, a list with a tag, or a push by digest still holds; null where there is none.</summary>
    public QuayManifest? Living(string digest) => Manifests.TryGetValue(digest, out var manifest)
        && (manifest.Hidden || Tags.ContainsValue(digest) || Manifests.Any(list => list.Value.Children.Contains(digest) && Living(list.Key) is not null)) ? manifest : null;
}

/// <summary>A manifest.</summary>
/// <param name="MediaType">Its type.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Children">Digests of the manifests that it lists.</param>
/// <param name="Hidden">Whether it was pushed by digest: a temporary tag that nobody sees holds it.</param>
public sealed record QuayManifest(string MediaType, byte[] Content, IReadOnlyList<string> Children, bool Hidden);

/// <summary>A blob, and where it is.</summary>
/// <param name="Size">Its size.</param>
/// <param name="Placements">Names of locations.</param>
public sealed record QuayBlob(long Size, IReadOnlyList<string> Placements);

/// <summary>An upload that is not complete.</summary>
public sealed record QuayUpload(string Repository, string Location, IReadOnlyList<QuayChunk> Chunks);

/// <summary>A chunk of an upload.</summary>
public sealed record QuayChunk(string Path, long Size, string Digest);
