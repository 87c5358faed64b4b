using System.Globalization;
using System.Runtime.InteropServices;

namespace RegistryMigration.Benchmarks.Scale;

/// <summary>The keys of a made-up registry of any size, each computed from its number.</summary>
/// <remarks>
/// For each repository there are 700 blobs, 900 layer links, 200 revisions and 100 tags of two links each. Digests are spread over their
/// whole range in rising order, with a random distance to the next one and random digits behind it.
/// </remarks>
internal sealed class SyntheticRegistry(long keys)
{
    public const int KeysPerRepository = BlobsPerRepository + LinksPerRepository;
    public const int LinksPerRepository = Layers + Revisions + 2 * Tags;
    public const int BlobsPerRepository = 700;
    private const int Layers = 900;
    private const int Revisions = 200;
    private const int Tags = 100;
    private const int RepositoriesPerTeam = 100;

    // Of every so many neighbours the target lacks one.
    private const int MissingOneOf = 100;

    public long Repositories { get; } = keys / KeysPerRepository;

    public long Keys => Repositories * KeysPerRepository;

    public long Missing => Keys / MissingOneOf;

    // The tag before the one that is missing points elsewhere at the target.
    public long Moved => Repositories * Tags / MissingOneOf;

    public long Blobs => Repositories * BlobsPerRepository;

    public long Teams => (Repositories + RepositoriesPerTeam - 1) / RepositoriesPerTeam;

    /// <summary>The number of the first blob whose digest starts with these digits or greater ones.</summary>
    public long BlobsBefore(ReadOnlySpan<char> digits, bool after)
    {
        if (digits.IsEmpty)
            return after ? Blobs : 0;
        var bound = (UInt128)(ulong.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) + (after ? 1UL : 0UL)) << (64 - 4 * digits.Length);
        if (bound > ulong.MaxValue)
            return Blobs;
        var at = Math.Min(Blobs, (long)((ulong)bound / (ulong.MaxValue / (ulong)Blobs)));
        while (at > 0 && Leading(at - 1, Blobs, 0) >= bound)
            at--;
        while (at < Blobs && Leading(at, Blobs, 0) < bound)
            at++;
        return at;
    }

    /// <summary>The repositories of a team, as numbers.</summary>
    public (long First, long Last) RepositoriesOf(long team) =>
        (team * RepositoriesPerTeam, Math.Min(Repositories, (team + 1) * RepositoriesPerTeam));

    public static string TeamPrefix(long team) => string.Create(CultureInfo.InvariantCulture, $"repositories/team-{team:0000}/");

    public static string RepositoryPrefix(long repository) => string.Create(CultureInfo.InvariantCulture, $"{TeamPrefix(repository / RepositoriesPerTeam)}service-{repository % RepositoriesPerTeam:00}/");

    public static bool IsMissing(long number, ulong seed) => number % MissingOneOf == MissingPlace(number, seed);

    public string Blob(long number) => string.Create("blobs/sha256/".Length + 2 + 1 + 64 + "/data".Length, (Number: number, Registry: this), static (key, made) =>
    {
        "blobs/sha256/".CopyTo(key);
        WriteDigest(key[16..80], made.Number, made.Registry.Blobs, 0);
        key[16..18].CopyTo(key[13..]);
        key[15] = '/';
        "/data".CopyTo(key[80..]);
    });

    /// <summary>One link of a repository, in the order of their keys, and whether the target has it and has it alike.</summary>
    public static (string Key, bool Missing, bool Moved) Link(string repositoryPrefix, ulong seed, int number)
    {
        if (number < Layers)
            return (Digested(repositoryPrefix, "_layers/sha256/", number, Layers, seed), IsMissing(number, seed), false);
        if ((number -= Layers) < Revisions)
            return (Digested(repositoryPrefix, "_manifests/revisions/sha256/", number, Revisions, seed + 1), IsMissing(number, seed + 1), false);
        var (tag, link) = Math.DivRem(number - Revisions, 2);
        var missing = IsMissing(tag, seed + 2);
        var name = string.Create(CultureInfo.InvariantCulture, $"_manifests/tags/v1.{tag:000}/");
        return link == 0
            ? ($"{repositoryPrefix}{name}current/link", missing, (tag + 1) % Tags == MissingPlace(tag, seed + 2))
            : (Digested(repositoryPrefix, name + "index/sha256/", tag, Tags, seed + 2), missing, false);
    }

    /// <summary>The seed of a repository's links.</summary>
    public static ulong SeedOf(long repository) => Mix((ulong)repository + 1) & ~3UL;

    /// <summary>Sixteen bytes that follow from a key, as 32 hex digits: what a listing shows as MD5.</summary>
    public static string Md5Of(long number, ulong seed)
    {
        Span<ulong> words = [Mix(seed ^ ((ulong)number << 20)), Mix(seed + (ulong)number)];
        return Convert.ToHexStringLower(MemoryMarshal.AsBytes(words));
    }

    private static long MissingPlace(long number, ulong seed) => (long)(Mix(seed ^ (ulong)(number / MissingOneOf)) % MissingOneOf);

    private static string Digested(string prefix, string infix, long number, long of, ulong seed) =>
        string.Create(prefix.Length + infix.Length + 64 + "/link".Length, (prefix, infix, number, of, seed), static (key, made) =>
        {
            made.prefix.CopyTo(key);
            key = key[made.prefix.Length..];
            made.infix.CopyTo(key);
            key = key[made.infix.Length..];
            WriteDigest(key[..64], made.number, made.of, made.seed);
            "/link".CopyTo(key[64..]);
        });

    private static void WriteDigest(Span<char> hex, long number, long of, ulong seed)
    {
        var leading = Leading(number, of, seed);
        Span<ulong> words = [System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(leading), Mix(leading), Mix(leading + 1), Mix(leading + 2)];
        Convert.TryToHexStringLower(MemoryMarshal.AsBytes(words), hex, out _);
    }

    // Somewhere in the number's own part of the range, so that greater numbers have greater digests.
    private static ulong Leading(long number, long of, ulong seed)
    {
        var width = ulong.MaxValue / (ulong)of;
        return (ulong)number * width + Math.BigMul(Mix(seed ^ ((ulong)number << 2)), width, out _);
    }

    // The finalizer of SplitMix64.
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
