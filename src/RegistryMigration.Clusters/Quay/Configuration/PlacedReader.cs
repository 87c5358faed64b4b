using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace RegistryMigration.Clusters.Quay.Configuration;

/// <summary>Reads a YAML text into nodes that know their place. Errors name the place and never the content, which holds secrets.</summary>
internal sealed class PlacedReader
{
    // Deeper than any configuration, and shallow enough for the stack.
    private const int MaxDepth = 100;

    private readonly string _text;
    private readonly Parser _parser;
    private readonly Dictionary<string, PlacedNode> _anchors = new(StringComparer.Ordinal);

    private PlacedReader(string text)
    {
        _text = text;
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>The text's only document; null where it holds nothing but comments.</summary>
    /// <exception cref="FormatException">The text is no YAML, or one that Quay does not read.</exception>
    public static PlacedNode? Read(string text)
    {
        var reader = new PlacedReader(text);
        try
        {
            return reader.Document();
        }
        catch (YamlException e)
        {
            throw Wrong(e.Start, "it is no valid YAML. Correct it there, or in the lines around");
        }
        catch (InvalidOperationException)
        {
            // YamlDotNet's scanner throws it for brackets that close nothing, without a place.
            throw Wrong(reader._parser.Current?.End ?? Mark.Empty, "it is no valid YAML. Look for a bracket that closes nothing there, or just below");
        }
    }

    private static FormatException Wrong(in Mark mark, string what) =>
        new(FormattableString.Invariant($"The configuration can't be read at line {mark.Line}, column {mark.Column}: {what}."));

    private PlacedNode? Document()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _))
            return null;
        _parser.Consume<DocumentStart>();
        var root = Node(0);
        _parser.Consume<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out var second))
            throw Wrong(second.Start, "a second document begins. Quay reads one only: remove the '---', or what follows it");
        return root is PlacedScalar { IsPlain: true, Text: "" } ? null : root;
    }

    private PlacedNode Node(int depth)
    {
        if (depth > MaxDepth && _parser.Accept<NodeEvent>(out var deep))
            throw Wrong(deep.Start, "it is nested too deeply");
        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            var target = _anchors.GetValueOrDefault(alias.Value.Value) ?? throw Wrong(alias.Start, "an alias refers to an anchor that is not there, or not complete yet");
            return new PlacedAlias(At(alias.Start), At(alias.End), target);
        }

        var begin = _parser.Consume<NodeEvent>();
        CheckTag(begin);
        PlacedNode node = begin switch
        {
            MappingStart mapping => Mapping(mapping, depth),
            SequenceStart sequence => Sequence(sequence, depth),
            _ => Scalar((Scalar)begin),
        };
        if (!begin.Anchor.IsEmpty)
            _anchors[begin.Anchor.Value] = node;
        return node;
    }

    private PlacedScalar Scalar(Scalar scalar) => new(At(scalar.Start), EndOf(scalar.Start, At(scalar.End)), scalar.Value, scalar.Style == ScalarStyle.Plain && scalar.Tag.IsEmpty);

    private PlacedMapping Mapping(MappingStart begin, int depth)
    {
        var entries = new List<PlacedEntry>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (!_parser.Accept<MappingEnd>(out _))
        {
            _parser.Accept<NodeEvent>(out var begun);
            var place = begun?.Start ?? begin.Start;
            if (Node(depth + 1) is not PlacedScalar key)
                throw Wrong(place, "a key is no plain text. Write it as one");
            if (!keys.Add(key.Text))
                throw Wrong(place, $"the key '{key.Text}' is there a second time. Quay takes the last; remove the other");
            entries.Add(new PlacedEntry(key, Node(depth + 1)));
        }

        var end = _parser.Consume<MappingEnd>();
        var last = begin.Style == MappingStyle.Flow || entries.Count == 0 ? Closed(end) : Math.Max(entries[^1].Value.End, entries[^1].Key.End);
        return new PlacedMapping(At(begin.Start), EndOf(begin.Start, last), entries, begin.Style == MappingStyle.Flow);
    }

    private PlacedSequence Sequence(SequenceStart begin, int depth)
    {
        var items = new List<PlacedNode>();
        while (!_parser.Accept<SequenceEnd>(out _))
            items.Add(Node(depth + 1));
        var end = _parser.Consume<SequenceEnd>();
        var last = begin.Style == SequenceStyle.Flow || items.Count == 0 ? Closed(end) : items[^1].End;
        return new PlacedSequence(At(begin.Start), EndOf(begin.Start, last), items);
    }

    private static void CheckTag(NodeEvent node)
    {
        if (!node.Tag.IsEmpty && node.Tag.Value is not ("tag:yaml.org,2002:str" or "tag:yaml.org,2002:map" or "tag:yaml.org,2002:seq" or "!"))
            throw Wrong(node.Start, "it has a tag that this module does not read. Write the value without one");
    }

    // The end of a collection in brackets is told as the place of its bracket.
    private static int Closed(ParsingEvent end) => Math.Max(At(end.End), At(end.Start) + 1);

    private static int At(in Mark mark) => (int)mark.Index;

    // A block scalar ends after its last line break, and a mapping where the next thing begins.
    private int EndOf(in Mark start, int end)
    {
        end = Math.Min(end, _text.Length);
        while (end > At(start) && char.IsWhiteSpace(_text[end - 1]))
            end--;
        return end;
    }
}
