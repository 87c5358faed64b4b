using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using RegistryMigration.Clusters.Quay.Configuration;

namespace RegistryMigration.Clusters.Tests.Quay.Configuration;

/// <summary>Whatever is set is read back, and all else stays as it was.</summary>
public sealed class QuayConfigProperties
{
    private static readonly Gen<string> Texts = Gen.Select(
        Gen.ListOf(Gen.OneOf(
            Gen.Elements("a", "Z", "0", "9", ".", "-", ":", " ", "#", "'", "\"", "\\", "\n", "\t", "{", "[", "*", "&", "!", "|", ">", "%", "@", "~", "yes", "null", "\r\n", "é", "\u0085", "\u2028", "😀", "\0"),
            Gen.Select(ArbMap.Default.GeneratorFor<char>().Where(c => !char.IsSurrogate(c)), c => c.ToString()))),
        string.Concat);

    private static readonly Gen<string> Keys = Gen.Elements("AUTHENTICATION_TYPE", "BUILDLOGS_REDIS", "DISTRIBUTED_STORAGE_CONFIG", "DISTRIBUTED_STORAGE_PREFERENCE", "FEATURE_UI_V2", "FOOTER", "CONTACT_INFO", "GITHUB_LOGIN_CONFIG", "NEW_KEY", "yes", "12");

    [Fact]
    public void What_is_set_is_read_back_and_all_else_stays() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(500),
        Prop.ForAll(Arb.From(Gen.Zip(Keys, Values(3))), Arb.From(Gen.Elements("\n", "\r\n")), (set, newLine) =>
        {
            var (key, value) = set;
            var before = QuayConfig.Parse(SampleConfig.Local.Replace("\n", newLine, StringComparison.Ordinal));
            var after = before.Set(value, key);
            Assert.Equal(value?.ToJsonString(), after.At(key)?.ToJsonString());
            Assert.Equal(after.Text, QuayConfig.Parse(after.Text).Text);
            Assert.Equal(Others(before.Text, key), Others(after.Text, key));
            Assert.DoesNotContain("\r", newLine == "\r\n" ? after.Text.Replace("\r\n", "", StringComparison.Ordinal) : after.Text, StringComparison.Ordinal);
        }));

    [Fact]
    public void What_is_set_and_set_back_means_the_same() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(300),
        Prop.ForAll(Arb.From(Keys), Arb.From(Values(2)), (key, value) =>
        {
            var before = QuayConfig.Parse(SampleConfig.Local);
            var after = before.Set(value, key).Set(before.At(key), key);
            // A null that was written can't be told from no key, and setting null takes the key away.
            Assert.True(JsonNode.DeepEquals(before.Json, after.Json));
        }));

    private static Gen<JsonNode?> Values(int depth)
    {
        var scalars = Gen.OneOf(
            Gen.Select(Texts, text => (JsonNode?)JsonValue.Create(text)),
            Gen.Select(ArbMap.Default.GeneratorFor<long>(), number => (JsonNode?)JsonValue.Create(number)),
            Gen.Select(ArbMap.Default.GeneratorFor<bool>(), flag => (JsonNode?)JsonValue.Create(flag)),
            Gen.Select(Gen.Choose(-100000, 100000), number => (JsonNode?)JsonValue.Create((number + 0.5) / 7)));
        if (depth == 0)
            return scalars;
        var inner = Values(depth - 1);
        return Gen.OneOf(
            scalars,
            Gen.Select(Gen.Resize(Gen.ListOf(inner), 4), items => (JsonNode?)new JsonArray([.. items.Select(item => item?.DeepClone())])),
            Gen.Select(Gen.Resize(Gen.ListOf(Gen.Zip(Texts, inner)), 4), pairs =>
            {
                var mapping = new JsonObject();
                foreach (var (key, value) in pairs)
                    mapping[key] = value?.DeepClone();
                return (JsonNode?)mapping;
            }));
    }

    // The lines of all keys but one: each with what follows it, up to the next line that begins with a letter.
    private static List<string> Others(string text, string key)
    {
        var sections = new List<string>();
        foreach (var line in text.Split('\n'))
        {
            if (sections.Count == 0 || (line.Length > 0 && (char.IsAsciiLetter(line[0]) || line[0] is '#' or '\'')))
                sections.Add(line);
            else
                sections[^1] += "\n" + line;
        }

        return [.. sections.Select(section => section.TrimEnd('\n', '\r')).Where(section => !section.StartsWith(key + ":", StringComparison.Ordinal) && !section.StartsWith($"'{key}':", StringComparison.Ordinal))];
    }
}
