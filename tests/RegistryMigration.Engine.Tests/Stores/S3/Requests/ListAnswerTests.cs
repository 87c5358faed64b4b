using System.Text;
using System.Xml;
using RegistryMigration.Engine.Stores.S3.Requests;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Stores.S3.Requests;

public sealed class ListAnswerTests
{
    private const string Md5 = "d41d8cd98f00b204e9800998ecf8427e";

    [Fact]
    public void Objects_are_read_with_what_belongs_to_them_and_nothing_else()
    {
        var page = Read($"""
            <Name>bucket</Name><Prefix>a/</Prefix><IsTruncated>true</IsTruncated><NextContinuationToken>more</NextContinuationToken><KeyCount>2</KeyCount>
            <Contents><Key>a/1</Key><LastModified>2024-02-03T04:05:06.789Z</LastModified><ETag>&quot;{Md5}&quot;</ETag><Size>7</Size><Owner><ID>x</ID><Key>not this</Key></Owner><StorageClass>STANDARD</StorageClass></Contents>
            <Contents><Owner/><Key>a/2</Key><ETag>"{Md5}-3"</ETag><ChecksumAlgorithm></ChecksumAlgorithm><Size>5368709121</Size></Contents>
            """);
        Assert.Equal(
            [new StoreEntry("a/1", 7, Md5, new DateTimeOffset(2024, 2, 3, 4, 5, 6, 789, TimeSpan.Zero)), new StoreEntry("a/2", 5_368_709_121)],
            page.Objects);
        Assert.True(page.IsTruncated);
        Assert.Equal("more", page.Continuation);
    }

    [Fact]
    public void Prefixes_are_those_of_keys_and_not_that_of_the_request()
    {
        var page = Read("<Prefix>r/</Prefix><Delimiter>/</Delimiter><IsTruncated>false</IsTruncated><CommonPrefixes><Prefix>r/a/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>r/b/</Prefix></CommonPrefixes>");
        Assert.Equal(["r/a/", "r/b/"], page.Prefixes);
        Assert.False(page.IsTruncated);
        Assert.Empty(page.Objects);
    }

    // The server says what it did where it likes, also after the keys.
    [Theory]
    [InlineData("a%20b%2Bc%2Fd", true, "a b+c/d")]
    [InlineData("a+b", true, "a b")]
    [InlineData("a%20b+c", false, "a%20b+c")]
    [InlineData("a&#x1;b", false, "a\u0001b")]
    public void Keys_are_escaped_where_the_server_says_so(string key, bool escaped, string expected)
    {
        var page = Read($"<Contents><Key>{key}</Key><Size>1</Size></Contents>{(escaped ? "<EncodingType>url</EncodingType>" : "")}");
        Assert.Equal(expected, page.Decode(Assert.Single(page.Objects).Key));
    }

    [Fact]
    public void A_size_that_is_not_told_is_unknown() => Assert.Equal(StoreEntry.UnknownSize, Assert.Single(Read("<Contents><Key>a</Key></Contents>").Objects).Size);

    [Theory]
    [InlineData("<html><body>Sign in</body></html>")]
    [InlineData("<ListBucketResult><Contents><Size>1</Size></Contents></ListBucketResult>")]
    [InlineData("<ListBucketResult><Contents><Key>a</Key><Size>many</Size></Contents></ListBucketResult>")]
    [InlineData("<ListBucketResult><CommonPrefixes></CommonPrefixes></ListBucketResult>")]
    public void What_is_no_listing_is_refused(string document) => Assert.Throws<FormatException>(() => Parse(document));

    [Theory]
    [InlineData("")]
    [InlineData("<ListBucketResult><Contents><Key>a</Key><Size>1</Size></Contents>")]
    [InlineData("<ListBucketResult><Contents><Key>a</Key>")]
    [InlineData("<!DOCTYPE x [<!ENTITY e \"e\">]><ListBucketResult/>")]
    public void What_is_cut_or_no_plain_XML_is_refused(string document) => Assert.Throws<XmlException>(() => Parse(document));

    private static ListAnswer Read(string content) => Parse($"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{content}</ListBucketResult>");

    private static ListAnswer Parse(string document) => ListAnswer.Read(new MemoryStream(Encoding.UTF8.GetBytes(document)));
}
