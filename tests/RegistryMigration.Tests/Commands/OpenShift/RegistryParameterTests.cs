using System.Collections;
using System.Management.Automation;
using System.Security;
using RegistryMigration.Commands.OpenShift;

namespace RegistryMigration.Tests.Commands.OpenShift;

/// <summary>What the parameters of the registry's cmdlets stand for; that the cmdlets work is the scenario's part.</summary>
public sealed class RegistryParameterTests
{
    [Fact]
    public void Nothing_given_changes_nothing()
    {
        using var command = new SetImageRegistryCommand();

        var settings = command.Settings();

        Assert.Null(settings.Replicas);
        Assert.Null(settings.DefaultRoute);
        Assert.Null(settings.NodeSelector);
        Assert.Null(settings.Tolerations);
        Assert.Empty(settings.Routes);
        Assert.Empty(settings.S3);
        Assert.Empty(settings.Swift);
        Assert.False(settings.Force);
    }

    [Fact]
    public void Storage_settings_have_the_names_and_types_of_the_configuration()
    {
        using var command = new SetImageRegistryCommand
        {
            S3Region = "r",
            S3Bucket = "b",
            S3Endpoint = "",
            S3Encrypt = true,
            S3ChunkSizeMiB = 32,
            S3VirtualHostedStyle = false,
            S3TrustedCA = "ca",
            SwiftAuthUrl = "https://keystone",
            SwiftTenantId = "t",
            SwiftRegion = "",
        };

        var settings = command.Settings();

        Assert.Equal(
            """region="r" bucket="b" regionEndpoint=null encrypt=true chunkSizeMiB=32 virtualHostedStyle=false trustedCA={"name":"ca"}""",
            string.Join(' ', settings.S3.Select(pair => $"{pair.Key}={pair.Value?.ToJsonString() ?? "null"}")));
        Assert.Equal(["authURL", "tenantID", "regionName"], settings.Swift.Keys);
        Assert.Null(settings.Swift["regionName"]);
    }

    [Fact]
    public void Routes_are_typed_as_tables()
    {
        using var command = new SetImageRegistryCommand { Route = [new Hashtable { ["name"] = "public", ["Hostname"] = "h", ["SecretName"] = "" }] };

        var route = Assert.Single(command.Settings().Routes);

        Assert.Equal(("public", "h", null), (route.Name, route.Host, route.CertificateSecret));
    }

    [Theory]
    [InlineData("Hots", "no 'Hots'")]
    [InlineData("Hostname", "needs a name")]
    public void A_table_that_is_no_route_is_refused(string key, string expected)
    {
        using var command = new SetImageRegistryCommand { Route = [new Hashtable { [key] = "x" }] };

        Assert.Contains(expected, Assert.Throws<FormatException>(command.Settings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tolerations_and_labels_are_read()
    {
        using var command = new SetImageRegistryCommand { Toleration = ["infra:NoSchedule"], NodeSelector = new Hashtable { ["infra"] = true } };

        Assert.Equal("infra", Assert.Single(command.Settings().Tolerations!).Key);
        Assert.Equal("True", command.Settings().NodeSelector!["infra"]);
    }

    [Fact]
    public void A_pull_needs_a_registry_and_one_way_to_log_in()
    {
        using var token = new SecureString();
        using var nowhere = new TestImageRegistryCommand { Token = token };
        using var both = new TestImageRegistryCommand { Registry = "https://r.test", Token = token, Credential = new PSCredential("u", token) };
        using var none = new TestImageRegistryCommand();

        Assert.Contains("-Registry", Assert.Throws<FormatException>(() => nowhere.Options(path => path)).Message, StringComparison.Ordinal);
        Assert.Contains("Give one", Assert.Throws<FormatException>(() => both.Options(path => path)).Message, StringComparison.Ordinal);
        Assert.Null(none.Options(path => path).Registry);
    }

    // PSCredential is empty in the library that is compiled against; the scenarios try it.
    [Fact]
    public void Credentials_become_the_keys_of_their_storage()
    {
        using var secret = new SecureString();
        secret.AppendChar('x');
        using var application = new SetImageRegistryCredentialCommand { ApplicationCredentialId = "i", ApplicationCredentialName = "n", ApplicationCredentialSecret = secret };
        using var token = new SetImageRegistryCredentialCommand { Token = secret };

        Assert.Equal(3, application.Keys("ApplicationCredential").Values.Count);
        Assert.Equal(["REGISTRY_STORAGE_SWIFT_TOKENID"], token.Keys("Token").Values.Keys);
    }

    [Fact]
    public void Mappings_are_read_in_their_order()
    {
        using var command = new UpdateImageReferenceCommand { Mapping = ["a/x=b/y", "a/*=c/*"], Kind = ["Pod"], Namespace = ["ns"] };

        Assert.Equal(["a/x=b/y", "a/*=c/*"], command.Options().Mappings.Select(mapping => mapping.ToString()));
        Assert.Equal(["Pod"], command.Options().Kinds);
    }
}
