using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace RegistryMigration.Engine.Tests.Stores.FileSystem;

public sealed class FlatOrderTests
{
    // Around the slash (U+002F), and on both sides of the surrogates in UTF-16 and UTF-8.
    private static readonly string[] Atoms = ["a", "b", "-", ".", "0", "~", " ", "!", "é", "\uE000", "\uFFFD", "\uFF5E", "\U00010000", "😀", "\U0010FFFF"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_listing_is_in_the_order_of_utf8_bytes(bool portable) =>
        Prop.ForAll(Keys.ToArbitrary(), keys => Run(portable, keys, "").GetAwaiter().GetResult()).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_prefix_selects_what_starts_with_it(bool portable) =>
        Prop.ForAll(Keys.ToArbitrary(), Gen.OneOf(Keys.Where(k => k.Length > 0).SelectMany(k => Gen.Choose(0, k[0].Length).Select(n => Cut(k[0], n))), Gen.Elements("a/", "a", "-", "a/b/", "//", "../", "/")).ToArbitrary(), (keys, prefix) =>
            Run(portable, keys, prefix).GetAwaiter().GetResult()).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true));

    private static Gen<string[]> Keys { get; } =
        Gen.Elements(Atoms).NonEmptyListOf().Select(atoms => string.Concat(atoms.Take(3))).Where(name => name is not ("." or ".."))
            .NonEmptyListOf().Select(segments => string.Join('/', segments.Take(4)))
            .ArrayOf();

    private static string Cut(string text, int length) => length > 0 && length < text.Length && char.IsLowSurrogate(text[length]) ? text[..(length + 1)] : text[..length];

    private static async Task Run(bool portable, string[] keys, string prefix)
    {
        using var directory = new TemporaryStore(portable);
        var expected = new List<string>();
        foreach (var key in keys)
        {
            // U+FFFD stands for what is no UTF-8 where the system's own bytes are out of reach.
            if (portable && key.Contains('\uFFFD', StringComparison.Ordinal))
                continue;
            try
            {
                directory.Put(key);
                expected.Add(key);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A file where an earlier key has a directory, or the other way round.
            }
        }

        var sorted = expected.Distinct().Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(Encoding.UTF8.GetBytes, ByteOrder).ToList();
        Assert.Equal(sorted, await directory.KeysAsync(prefix));
    }

    private static readonly Comparer<byte[]> ByteOrder = Comparer<byte[]>.Create((x, y) => x.AsSpan().SequenceCompareTo(y));
}
