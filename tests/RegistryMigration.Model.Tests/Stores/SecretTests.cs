using System.Globalization;
using System.Text.Json;

namespace RegistryMigration.Model.Tests.Stores;

public sealed class SecretTests
{
    private const string Text = "correct-horse-battery-staple";

    [Fact]
    public void A_secret_is_revealed_by_its_method_alone()
    {
        var secret = new Secret(Text);
        Assert.Equal(Text, secret.Reveal());
        string[] shown =
        [
            secret.ToString(),
            $"{secret}",
            string.Format(CultureInfo.InvariantCulture, "{0}", secret),
            JsonSerializer.Serialize(secret),
            JsonSerializer.Serialize(new { Inner = secret }),
            JsonSerializer.Serialize(new Dictionary<string, object> { ["x"] = secret }),
        ];
        Assert.All(shown, text => Assert.DoesNotContain(Text, text, StringComparison.Ordinal));
        Assert.All(shown, text => Assert.Contains("***", text, StringComparison.Ordinal));
    }

    [Fact]
    public void No_public_property_or_field_holds_it()
    {
        Assert.Empty(typeof(Secret).GetProperties());
        Assert.Empty(typeof(Secret).GetFields());
    }

    [Fact]
    public void Options_with_secrets_never_show_them()
    {
        var s3 = new S3Options { AccessKey = "id", SecretKey = new Secret(Text), SessionToken = new Secret(Text) };
        var swift = new SwiftOptions { Password = new Secret(Text), ApplicationCredentialSecret = new Secret(Text), Token = new Secret(Text) };
        var store = new RegistryStore("s3://bucket") { S3 = s3, Swift = swift };
        foreach (object value in new object[] { s3, swift, store })
        {
            Assert.DoesNotContain(Text, value.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain(Text, JsonSerializer.Serialize(value), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void It_is_read_from_configuration() => Assert.Equal(Text, JsonSerializer.Deserialize<Secret>($"\"{Text}\"")!.Reveal());
}
