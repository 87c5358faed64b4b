using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace RegistryMigration.Model.Tests.Stores;

public sealed class KeyOrderTests
{
    // On both sides of every change in UTF-8 length, and around the surrogates of UTF-16.
    private static readonly int[] Edges = [0x20, 0x2D, 0x2E, 0x2F, 0x30, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFD, 0xFFFF, 0x10000, 0x10FFFF, 0x1F600, 0x1F601];

    private static Arbitrary<string> Keys { get; } =
        Gen.OneOf(Gen.Elements(Edges), Gen.Choose(0, 0xD7FF), Gen.Choose(0xE000, 0x10FFFF)).Select(char.ConvertFromUtf32).ListOf().Select(string.Concat).ToArbitrary();

    [Fact]
    public void It_is_the_order_of_utf8_bytes() => Prop.ForAll(Keys, Keys, Check).Check(Config.QuickThrowOnFailure.WithMaxTest(5000).WithQuietOnSuccess(true));

    [Fact]
    public void It_is_the_order_of_utf8_bytes_after_a_common_start() =>
        Prop.ForAll(Keys, Keys, Keys, (start, x, y) => Check(start + x, start + y)).Check(Config.QuickThrowOnFailure.WithMaxTest(5000).WithQuietOnSuccess(true));

    [Theory]
    [InlineData("a-b", "a/b")]
    [InlineData("a/b", "a0")]
    [InlineData("a", "a/")]
    [InlineData("", "a")]
    [InlineData("Z", "a")]
    [InlineData("\uFFFD", "😀")]
    public void The_first_sorts_before_the_second(string first, string second)
    {
        Assert.True(KeyOrder.Compare(first, second) < 0);
        Assert.True(KeyOrder.Compare(second, first) > 0);
        Assert.Equal(0, KeyOrder.Compare(first, new string(first)));
    }

    [Fact]
    public void A_list_sorts_by_it()
    {
        List<string> keys = ["a0", "😀", "a/b", "\uFFFD", "a-b"];
        keys.Sort(KeyOrder.Instance);
        Assert.Equal(["a-b", "a/b", "a0", "\uFFFD", "😀"], keys);
    }

    private static void Check(string x, string y) =>
        Assert.Equal(Math.Sign(Encoding.UTF8.GetBytes(x).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y))), Math.Sign(KeyOrder.Compare(x, y)));
}
