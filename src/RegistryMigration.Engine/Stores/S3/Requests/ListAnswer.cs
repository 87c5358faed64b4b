using System.Globalization;
using System.Net;
using System.Xml;
using RegistryMigration.Engine.Content;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.S3.Requests;

/// <summary>One page of a listing, as the server said it.</summary>
/// <remarks>Format: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html#API_ListObjectsV2_ResponseSyntax.</remarks>
internal sealed class ListAnswer
{
    // Keys that XML can't hold come as references to characters, where a server does not escape them as it is asked to.
    private static readonly XmlReaderSettings Settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, CheckCharacters = false, IgnoreWhitespace = true };

    private bool _escaped;

    /// <summary>Objects, with whole keys.</summary>
    public List<StoreEntry> Objects { get; } = [];

    /// <summary>What keys have in common up to the delimiter.</summary>
    public List<string> Prefixes { get; } = [];

    /// <summary>Whether there is more.</summary>
    public bool IsTruncated { get; private set; }

    /// <summary>How to ask for more.</summary>
    public string? Continuation { get; private set; }

    /// <summary>Reads a page.</summary>
    /// <exception cref="XmlException">It is no XML, or it is cut.</exception>
    /// <exception cref="FormatException">It is no listing.</exception>
    public static ListAnswer Read(Stream body)
    {
        using var reader = XmlReader.Create(body, Settings);
        if (reader.MoveToContent() != XmlNodeType.Element || reader.LocalName != "ListBucketResult")
            throw new FormatException($"'{reader.LocalName}' is no ListBucketResult.");
        var answer = new ListAnswer();
        reader.Read();
        while (!reader.EOF)
        {
            if (reader.NodeType != XmlNodeType.Element || !answer.Take(reader))
                reader.Read();
        }

        return answer;
    }

    /// <summary>A key as it is. As the server says, not as it was asked: some ignore the wish to escape.</summary>
    public string Decode(string key) =>
        // A space is a plus at AWS and %20 elsewhere; a plus is always %2B.
        _escaped && key.AsSpan().ContainsAny('%', '+') ? WebUtility.UrlDecode(key) : key;

    // An element of the page itself; false leaves the reader where it is.
    private bool Take(XmlReader reader)
    {
        switch (reader.LocalName)
        {
            case "Contents":
                Objects.Add(ReadObject(reader));
                return true;
            case "CommonPrefixes":
                if (!reader.ReadToDescendant("Prefix", reader.NamespaceURI))
                    throw new FormatException("A common prefix has no name.");
                Prefixes.Add(reader.ReadElementContentAsString());
                return true;
            case "IsTruncated":
                IsTruncated = reader.ReadElementContentAsString() == "true";
                return true;
            case "NextContinuationToken":
                Continuation = reader.ReadElementContentAsString();
                return true;
            case "EncodingType":
                _escaped = reader.ReadElementContentAsString() == "url";
                return true;
            default:
                return false;
        }
    }

    private static StoreEntry ReadObject(XmlReader reader)
    {
        var (depth, key, size) = (reader.Depth, (string?)null, StoreEntry.UnknownSize);
        var (md5, modified) = ((string?)null, (DateTimeOffset?)null);
        reader.Read();
        while (reader.Depth > depth)
        {
            if (reader.NodeType != XmlNodeType.Element || reader.Depth != depth + 1)
            {
                reader.Read();
                continue;
            }

            switch (reader.LocalName)
            {
                case "Key":
                    key = reader.ReadElementContentAsString();
                    break;
                case "Size":
                    size = long.Parse(reader.ReadElementContentAsString(), NumberStyles.None, CultureInfo.InvariantCulture);
                    break;
                case "ETag":
                    md5 = Md5Hash.InETag(reader.ReadElementContentAsString());
                    break;
                case "LastModified":
                    modified = DateTimeOffset.TryParse(reader.ReadElementContentAsString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new StoreEntry(key ?? throw new FormatException("An object has no key."), size, md5, modified);
    }
}
