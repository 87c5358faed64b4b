using System.Security.Cryptography;
using System.Text;

namespace RegistryMigration.Benchmarks.Trees;

/// <summary>Writes blobs and links of docker-registry's layout, counts them, and can take back what it wrote.</summary>
/// <param name="root">The directory that holds <c>docker/registry/v2</c>.</param>
internal sealed class TreeWriter(string root)
{
    private readonly string _base = Path.Combine(root, "docker", "registry", "v2");
    private readonly List<string> _created = [];
    private readonly Dictionary<string, byte[]> _replaced = new(StringComparer.Ordinal);

    /// <summary>Files that were written and not there before.</summary>
    public Contents Added { get; private set; }

    /// <summary>Links among them.</summary>
    public long Links { get; private set; }

    /// <summary>The key below the root of a path below <c>docker/registry/v2</c>.</summary>
    public static string KeyOf(string path) => "docker/registry/v2/" + path;

    /// <summary>The path of a tag's current link.</summary>
    public static string CurrentLinkOf(Tag tag) => $"repositories/{tag.Repository}/_manifests/tags/{tag.Name}/current/link";

    /// <summary>Writes a file. One that is there is replaced by a new file, so that its other hard links keep what they have.</summary>
    public void Write(string path, byte[] content)
    {
        var file = PathOf(path);
        if (File.Exists(file))
        {
            _replaced.TryAdd(file, File.ReadAllBytes(file));
            File.Delete(file);
        }
        else
        {
            _created.Add(file);
            Added += new Contents(1, content.Length);
        }

        File.WriteAllBytes(file, content);
    }

    /// <summary>Writes a small blob.</summary>
    /// <returns>Its digest, hexadecimal.</returns>
    public string WriteBlob(byte[] content)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(content));
        Write(BlobPath(digest), content);
        return digest;
    }

    /// <summary>Writes a layer of random bytes.</summary>
    public Layer WriteLayer(DeterministicRandom random, long size, CancellationToken cancellationToken)
    {
        var temporary = PathOf("../layer.tmp");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using (var file = File.Create(temporary))
        {
            var buffer = new byte[1 << 20];
            for (var left = size; left > 0;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var chunk = buffer.AsSpan(0, (int)Math.Min(left, buffer.Length));
                random.Fill(chunk);
                hash.AppendData(chunk);
                file.Write(chunk);
                left -= chunk.Length;
            }
        }

        var digest = Convert.ToHexStringLower(hash.GetHashAndReset());
        var path = PathOf(BlobPath(digest));
        File.Move(temporary, path);
        _created.Add(path);
        Added += new Contents(1, size);
        return new Layer(digest, size);
    }

    /// <summary>Writes a link to a digest unless it is there with this content.</summary>
    public void WriteLink(string path, string digest)
    {
        var content = Encoding.ASCII.GetBytes("sha256:" + digest);
        var file = PathOf(path);
        if (File.Exists(file) && File.ReadAllBytes(file).AsSpan().SequenceEqual(content))
            return;
        if (!File.Exists(file))
            Links++;
        Write(path, content);
    }

    /// <summary>Makes an empty directory.</summary>
    public void MakeDirectory(string path) => Directory.CreateDirectory(Path.Combine(_base, path));

    /// <summary>Removes what was written and brings back what was replaced.</summary>
    public void Revert()
    {
        foreach (var file in _created)
        {
            File.Delete(file);
            for (var directory = Path.GetDirectoryName(file)!; directory != _base && !Directory.EnumerateFileSystemEntries(directory).Any(); directory = Path.GetDirectoryName(directory)!)
                Directory.Delete(directory);
        }

        foreach (var (file, content) in _replaced)
        {
            File.Delete(file);
            File.WriteAllBytes(file, content);
        }

        _created.Clear();
        _replaced.Clear();
        (Added, Links) = (default, 0);
    }

    private static string BlobPath(string digest) => $"blobs/sha256/{digest[..2]}/{digest}/data";

    private string PathOf(string path)
    {
        var file = Path.Combine(_base, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        return file;
    }
}
