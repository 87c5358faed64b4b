using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Quay.Configuration;

namespace RegistryMigration.Clusters.Tests.Quay.Configuration;

public sealed class QuayConfigTests
{
    [Fact]
    public void A_configuration_is_read_as_Quay_reads_it()
    {
        var config = QuayConfig.Parse(SampleConfig.Local);
        Assert.Equal(SampleConfig.Local, config.Text);
        Assert.True(config.Flag("FEATURE_ANONYMOUS_ACCESS"));
        Assert.True(config.Flag("FEATURE_UI_V2"));
        Assert.Null(config.Flag("MAIL_PORT"));
        Assert.Equal(("1025", "quay.example.com:8443", "Kept as # it is\n  indented\n"), (config.Scalar("MAIL_PORT"), config.Scalar("SERVER_HOSTNAME"), config.Scalar("FOOTER")));
        Assert.Null(config.Scalar("REPO_MIRROR_SERVER_HOSTNAME"));
        Assert.Equal("""["LocalStorage",{"storage_path":"/datastorage/registry"}]""", config.At("DISTRIBUTED_STORAGE_CONFIG", "default")!.ToJsonString());
        Assert.Equal("***", config.ToString());
    }

    [Theory]
    // A comment behind the value stays, and one behind the key of a list.
    [InlineData("FEATURE_UI_V2", "false", "FEATURE_UI_V2: True  # new", "FEATURE_UI_V2: false  # new")]
    [InlineData("DISTRIBUTED_STORAGE_CONFIG.default", """["S3Storage",{"s3_bucket":"b"}]""", "  - LocalStorage\n  - storage_path: /datastorage/registry\n", "  - S3Storage\n  - s3_bucket: b\n")]
    [InlineData("DISTRIBUTED_STORAGE_DEFAULT_LOCATIONS", """["a","b"]""", "LOCATIONS: []\n", "LOCATIONS:\n- a\n- b\n")]
    [InlineData("DISTRIBUTED_STORAGE_PREFERENCE", "[]", "PREFERENCE:\n  - default\n", "PREFERENCE: []\n")]
    [InlineData("BUILDLOGS_REDIS.port", "6380", "    port: 6379", "    port: 6380")]
    [InlineData("BUILDLOGS_REDIS.password", "\"no\"", "    port: 6379\n", "    port: 6379\n    password: 'no'\n")]
    [InlineData("BUILDLOGS_REDIS.host", "null", "    host: redis\n", "")]
    [InlineData("REPO_MIRROR_SERVER_HOSTNAME", "\"a:443\"", "HOSTNAME: null", "HOSTNAME: a:443")]
    [InlineData("REPO_MIRROR_SERVER_HOSTNAME.a.b", "1", "HOSTNAME: null\n", "HOSTNAME:\n  a:\n    b: 1\n")]
    [InlineData("GITHUB_LOGIN_CONFIG.ID", "\"0123\"", "CONFIG: {}\n", "CONFIG:\n  ID: '0123'\n")]
    [InlineData("FOOTER", "\"one line\"", "FOOTER: |\n  Kept as # it is\n    indented\n", "FOOTER: 'one line'\n")]
    [InlineData("CONTACT_INFO", "null", "CONTACT_INFO: [ 'mailto:a@example.com', \"irc://b\" ]\n", "")]
    [InlineData("CORS_ORIGIN", "\"x\"", "CORS_ORIGIN:\n  - \"https://stage.example.com:1337\"\n", "CORS_ORIGIN: x\n")]
    [InlineData("DISTRIBUTED_STORAGE_CONFIG.default", "null", "DISTRIBUTED_STORAGE_CONFIG:\n  default:   # since 2021\n  - LocalStorage\n  - storage_path: /datastorage/registry\n", "DISTRIBUTED_STORAGE_CONFIG: {}\n")]
    [InlineData("DISABLE_PUSHES", "true", "USERFILES_PATH: userfiles/\n", "USERFILES_PATH: userfiles/\nDISABLE_PUSHES: true\n")]
    [InlineData("USERFILES_PATH", "\"userfiles/\"", "", "")]
    [InlineData("NOT.THERE", "null", "", "")]
    public void Only_what_is_meant_changes(string path, string value, string before, string after)
    {
        foreach (var newLine in new[] { "\n", "\r\n" })
        {
            var text = SampleConfig.Local.Replace("\n", newLine, StringComparison.Ordinal);
            var changed = QuayConfig.Parse(text).Set(JsonNode.Parse(value), path.Split('.'));
            Assert.Equal(before.Length == 0 ? text : text.Replace(before.Replace("\n", newLine, StringComparison.Ordinal), after.Replace("\n", newLine, StringComparison.Ordinal), StringComparison.Ordinal), changed.Text);
        }
    }

    [Theory]
    [InlineData("", "A: 1\n")]
    [InlineData("# only a comment", "# only a comment\nA: 1\n")]
    [InlineData("{}", "A: 1")]
    [InlineData("---\nB: 2", "---\nB: 2\nA: 1\n")]
    [InlineData("---\nB: 2\n...\n", "---\nB: 2\nA: 1\n...\n")]
    [InlineData("B:\n  C: 2 # last", "B:\n  C: 2 # last\nA: 1\n")]
    [InlineData("B:", "B:\nA: 1\n")]
    [InlineData("A:\nB: 2\n", "A: 1\nB: 2\n")]
    [InlineData("A: # why\nB: 2\n", "A: 1 # why\nB: 2\n")]
    [InlineData("\"A\" :  2\n", "\"A\" : 1\n")]
    [InlineData("A:\n  # inner\n  - 2\n  - 3 # last\nB: 2\n", "A: 1\n  # inner\nB: 2\n")]
    [InlineData("A:\tx\nB: 2\n", "A: 1\nB: 2\n")]
    [InlineData("A: {\n  b: c,\n} # flow\nB: 2\n", "A: 1 # flow\nB: 2\n")]
    [InlineData("A: >-\n  folded\n  text\n\n# next\nB: 2\n", "A: 1\n\n# next\nB: 2\n")]
    [InlineData("A: two\n  lines\nB: 2\n", "A: 1\nB: 2\n")]
    [InlineData("x: &x 2\nA: *x\nB: *x\n", "x: &x 2\nA: 1\nB: *x\n")]
    [InlineData("d: &d {A: 2}\n<<: *d\n", "d: &d {A: 2}\n<<: *d\nA: 1\n")]
    public void Any_shape_takes_a_value(string text, string expected) => Assert.Equal(expected, QuayConfig.Parse(text).Set(1, "A").Text);

    [Theory]
    [InlineData("A: &a 1\nB: *a\n", "A", "anchors")]
    [InlineData("A: {B: 1, C: 2}\n", "A.B", "braces")]
    [InlineData("{A: 1}\n", "A", "braces")]
    [InlineData("x: &x {B: 1}\nA: *x\n", "A.B", "alias")]
    [InlineData("? A\n: 1\n", "A", "begin its line")]
    [InlineData("--- !!map\nA: 1\n", "A.B", "no mapping")]
    [InlineData("A: text\n", "A.B", "no mapping")]
    public void What_can_not_be_changed_safely_is_refused_by_key(string text, string path, string why) =>
        Assert.Contains(why, Assert.Throws<FormatException>(() => QuayConfig.Parse(text).Set("new", path.Split('.'))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("A: [s3cret\nB: 1\n", "line")]
    [InlineData("A: 1\n\tB: s3cret\n", "line")]
    [InlineData("A: 1\nB: *s3cret\n", "line 2, column 4")]
    [InlineData("A: 1\nB: s3cret\nA: 2\n", "line 3, column 1: the key 'A'")]
    [InlineData("A: 1\n---\nB: s3cret\n", "line 2")]
    [InlineData("A: !s3cret b\n", "line 1, column 4")]
    [InlineData("? [s3cret]\n: 1\n", "line 1")]
    [InlineData("- s3cret\n", "no mapping")]
    [InlineData("s3cret", "no mapping")]
    [InlineData("A: }s3cret\n", "line 1")]
    [InlineData("A: \"s3cret\n", "line")]
    public void What_Quay_can_not_read_is_an_error_with_its_place_and_without_its_content(string text, string place)
    {
        var error = Assert.Throws<FormatException>(() => QuayConfig.Parse(text));
        Assert.Contains(place, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_deep_or_large_takes_the_process_down()
    {
        Assert.Throws<FormatException>(() => QuayConfig.Parse("A: " + new string('[', 5_000) + new string(']', 5_000)));
        var laughs = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + string.Concat(Enumerable.Range('b', 12).Select(c => $"{(char)c}: &{(char)c} [{string.Join(',', Enumerable.Repeat($"*{(char)(c - 1)}", 10))}]\n"));
        Assert.Contains("aliases", Assert.Throws<FormatException>(() => QuayConfig.Parse(laughs)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("yes", "true")]
    [InlineData("Off", "false")]
    [InlineData("~", "null")]
    [InlineData("", "null")]
    [InlineData("0123", "83")]
    [InlineData("0x1F", "31")]
    [InlineData("1_000", "1000")]
    [InlineData("-12", "-12")]
    [InlineData("30060361640793187613697366923211113205", "30060361640793187613697366923211113205")]
    [InlineData("1.5", "1.5")]
    [InlineData("1e5", "\"1e5\"")]
    [InlineData("12:30", "\"12:30\"")]
    [InlineData("2024-01-01", "\"2024-01-01\"")]
    [InlineData("\"yes\"", "\"yes\"")]
    [InlineData("!!str 443", "\"443\"")]
    public void Plain_scalars_have_the_types_of_PyYAML(string yaml, string json) =>
        Assert.Equal(json, QuayConfig.Parse($"A: {yaml}\n").At("A")?.ToJsonString() ?? "null");

    [Theory]
    [InlineData("443")]
    [InlineData("yes")]
    [InlineData("Off")]
    [InlineData("y")]
    [InlineData("null")]
    [InlineData("~")]
    [InlineData("")]
    [InlineData("0755")]
    [InlineData("12:30")]
    [InlineData("1e5")]
    [InlineData("2024-01-01")]
    [InlineData(".inf")]
    [InlineData("=")]
    [InlineData("<<")]
    [InlineData("a: b")]
    [InlineData("a #b")]
    [InlineData(" a ")]
    [InlineData("it's")]
    [InlineData("*a")]
    public void Texts_that_could_be_something_else_get_quotes(string text)
    {
        var changed = QuayConfig.Parse("A: 1\n").Set(text, "A");
        Assert.Equal($"A: '{text.Replace("'", "''", StringComparison.Ordinal)}'\n", changed.Text);
        Assert.Equal(text, changed.Scalar("A"));
    }

    [Theory]
    [InlineData("RHOCSStorage")]
    [InlineData("/datastorage/registry")]
    [InlineData("https://keystone.example.com:5000/v3")]
    [InlineData("s3.example.com")]
    public void Texts_that_can_be_nothing_else_get_none(string text) => Assert.Equal($"A: {text}\n", QuayConfig.Parse("A: 1\n").Set(text, "A").Text);
}
