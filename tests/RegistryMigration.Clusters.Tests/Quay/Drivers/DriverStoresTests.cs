using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Quay.Drivers;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Quay.Drivers;

public sealed class DriverStoresTests
{
    private static readonly DriverCredentials Keys = new("key", new Secret("s3cret"));

    [Theory]
    [InlineData("""["RHOCSStorage",{"hostname":"s3.local","is_secure":true,"port":443,"storage_path":"/datastorage/registry","access_key":"a","secret_key":"s3cret","bucket_name":"b"}]""", "s3://b", "datastorage/registry", "https://s3.local/")]
    [InlineData("""["RadosGWStorage",{"hostname":"s3.local","is_secure":false,"port":"7480","storage_path":"","access_key":"a","secret_key":"s3cret","bucket_name":"b"}]""", "s3://b", "", "http://s3.local:7480/")]
    [InlineData("""["RadosGWStorage",{"hostname":"http://s3.local:80","is_secure":true,"port":"7480","storage_path":"p/","access_key":"a","secret_key":"s3cret","bucket_name":"b"}]""", "s3://b", "p", "http://s3.local/")]
    [InlineData("""["IBMCloudStorage",{"hostname":"s3.eu.cloud-object-storage.appdomain.cloud","is_secure":"true","storage_path":"/p","access_key":"a","secret_key":"s3cret","bucket_name":"b"}]""", "s3://b", "p", "https://s3.eu.cloud-object-storage.appdomain.cloud/")]
    [InlineData("""["S3Storage",{"storage_path":"/p","s3_bucket":"b","s3_access_key":"a","s3_secret_key":"s3cret","host":"s3.local","port":9000}]""", "s3://b", "p", "https://s3.local:9000/")]
    [InlineData("""["S3Storage",{"storage_path":"/p","s3_bucket":"b","s3_access_key":"a","s3_secret_key":"s3cret","endpoint_url":"http://s3.local:9000","host":"other"}]""", "s3://b", "p", "http://s3.local:9000/")]
    // A region leads to AWS whatever else is said.
    [InlineData("""["S3Storage",{"storage_path":"/p","s3_bucket":"b","s3_access_key":"a","s3_secret_key":"s3cret","endpoint_url":"http://s3.local:9000","s3_region":"eu-west-1"}]""", "s3://b", "p", null)]
    [InlineData("""["CloudFrontedS3Storage",{"cloudfront_distribution_domain":"d","cloudfront_key_id":"k","cloudfront_privatekey_filename":"f","storage_path":"/p","s3_bucket":"b","s3_region":"eu-west-1","s3_access_key":"a","s3_secret_key":"s3cret"}]""", "s3://b", "p", null)]
    public void Buckets_are_reached_as_Quay_reaches_them(string entry, string address, string root, string? endpoint)
    {
        var location = DriverStores.Read("default", JsonNode.Parse(entry), preferred: true);
        Assert.Null(location.Problem);
        var store = location.Store!;
        Assert.Equal((address, root, LayoutKind.Quay, endpoint), (store.ToString(), store.Root, store.Layout, store.S3.Endpoint?.ToString()));
        Assert.Equal(("a", "s3cret"), (store.S3.AccessKey, store.S3.SecretKey!.Reveal()));
        Assert.Equal(endpoint is null ? "eu-west-1" : null, store.S3.Region);
        Assert.True(location.IsPreferred);
        Assert.StartsWith(endpoint?.TrimEnd('/') ?? "https://s3.eu-west-1.amazonaws.com", location.Endpoint, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", string.Concat(location.Settings.Values), StringComparison.Ordinal);
    }

    [Fact]
    public void Swift_is_reached_by_Keystone_v3_or_its_own_login()
    {
        var keystone = DriverStores.Read("swift", JsonNode.Parse("""["SwiftStorage",{"swift_container":"c","storage_path":"/p","auth_url":"https://keystone:5000/v3","swift_user":"u","swift_password":"s3cret","auth_version":"3","os_options":{"tenant_name":"t","user_domain_name":"U","project_domain_name":"P","region_name":"R","endpoint_type":"internalURL"}}]"""), false).Store!;
        Assert.Equal(("swift://c", "p", 3, "u", "s3cret"), (keystone.ToString(), keystone.Root, keystone.Swift.AuthVersion, keystone.Swift.UserName, keystone.Swift.Password!.Reveal()));
        Assert.Equal(("t", "U", "P", "R", "internal"), (keystone.Swift.ProjectName, keystone.Swift.UserDomainName, keystone.Swift.ProjectDomainName, keystone.Swift.Region, keystone.Swift.Interface));
        var own = DriverStores.Read("swift", JsonNode.Parse("""["SwiftStorage",{"swift_container":"c","storage_path":"/","auth_url":"http://swift/auth/v1.0","swift_user":"a:u","swift_password":"s3cret","auth_version":1}]"""), false).Store!;
        Assert.Equal((1, "a:u", ""), (own.Swift.AuthVersion, own.Swift.UserName, own.Root));
        var joined = DriverStores.Read("swift", JsonNode.Parse("""["SwiftStorage",{"swift_container":"c","storage_path":"p","auth_url":"http://k/v3","swift_user":"t:u","swift_password":"x","auth_version":3}]"""), false).Store!;
        Assert.Equal(("t", "u"), (joined.Swift.ProjectName, joined.Swift.UserName));
    }

    [Fact]
    public void A_directory_is_a_store_where_its_path_is_absolute()
    {
        var store = DriverStores.Read("default", JsonNode.Parse("""["LocalStorage",{"storage_path":"/datastorage/registry"}]"""), true).Store!;
        Assert.Equal(("/datastorage/registry", "", LayoutKind.Quay), (store.ToString(), store.Root, store.Layout));
    }

    [Theory]
    [InlineData("null", "no list of a driver")]
    [InlineData("\"x\"", "no list of a driver")]
    [InlineData("[\"S3Storage\"]", "no list of a driver")]
    [InlineData("[1,{}]", "no list of a driver")]
    [InlineData("""["S3Storge",{"s3_secret_key":"s3cret"}]""", "Did you mean 'S3Storage'?")]
    [InlineData("""["S3Storage",{"storage_path":"/p"}]""", "needs 's3_bucket'")]
    [InlineData("""["S3Storage",{"storage_path":"/p","s3_bucket":""}]""", "bucket's name is empty")]
    [InlineData("""["S3Storage",{"storage_path":"/p","s3_bucket":"b","endpoint_url":"nowhere"}]""", "no address of a server")]
    [InlineData("""["LocalStorage",{"storage_path":"storage"}]""", "absolute path")]
    [InlineData("""["GoogleCloudStorage",{"storage_path":"/p","access_key":"a","secret_key":"s3cret","bucket_name":"b"}]""", "not supported")]
    [InlineData("""["AzureStorage",{"storage_path":"/p","azure_container":"c","azure_account_name":"n","azure_account_key":"s3cret"}]""", "not supported")]
    [InlineData("""["STSS3Storage",{"storage_path":"/p","s3_bucket":"b","s3_region":"eu-west-1","sts_role_arn":"arn:aws:iam::1:role/q"}]""", "New-RegistryStore s3://b -Region eu-west-1 -RoleArn arn:aws:iam::1:role/q -Layout Quay -Root 'p'")]
    [InlineData("""["STSS3Storage",{"storage_path":"/p","s3_bucket":"b","endpoint_url":"https://s3.local","sts_role_arn":"arn:aws:iam::1:role/q","sts_user_access_key":"","sts_user_secret_key":"s3cret"}]""", "-Endpoint https://s3.local -RoleArn")]
    [InlineData("""["STSS3Storage",{"storage_path":"/p","s3_bucket":"b","sts_user_access_key":"a","sts_user_secret_key":"s3cret"}]""", "has no role to take on, and uses the identity of its pod")]
    [InlineData("""["SwiftStorage",{"swift_container":"c","storage_path":"/p","auth_url":"http://k/v2.0","swift_user":"u","swift_password":"s3cret"}]""", "auth_version is 2 (Quay's default)")]
    [InlineData("""["SwiftStorage",{"swift_container":"c","storage_path":"/p","auth_url":"http://k/v3","swift_user":"u","swift_password":"s3cret","auth_version":3}]""", "names no project")]
    [InlineData("""["SwiftStorage",{"swift_container":"c","storage_path":"p","auth_url":"http://k/v3","swift_user":"t:u","swift_password":"s3cret","auth_version":3,"simple_path_concat":true}]""", "simple_path_concat")]
    public void What_can_not_be_reached_says_why_and_throws_nothing(string entry, string problem)
    {
        var location = DriverStores.Read("default", JsonNode.Parse(entry), false);
        Assert.Null(location.Store);
        Assert.Contains(problem, location.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", location.Problem + string.Concat(location.Settings.Values), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s3://b", "https://s3.local:8443", "RadosGWStorage", """{"hostname":"s3.local","port":"8443","is_secure":true,"bucket_name":"b","access_key":"key","secret_key":"s3cret","storage_path":"/p"}""")]
    [InlineData("s3://b", "http://s3.local", "RadosGWStorage", """{"hostname":"s3.local","port":"80","is_secure":false,"bucket_name":"b","access_key":"key","secret_key":"s3cret","storage_path":"/p"}""")]
    [InlineData("s3://b", "https://s3.eu.cloud-object-storage.appdomain.cloud", "IBMCloudStorage", """{"hostname":"s3.eu.cloud-object-storage.appdomain.cloud","port":"443","is_secure":true,"bucket_name":"b","access_key":"key","secret_key":"s3cret","storage_path":"/p"}""")]
    [InlineData("s3://b", null, "S3Storage", """{"s3_bucket":"b","s3_region":"eu-west-1","s3_access_key":"key","s3_secret_key":"s3cret","storage_path":"/p"}""")]
    public void An_entry_of_a_bucket_has_its_drivers_own_keys_and_is_read_back(string address, string? endpoint, string driver, string settings)
    {
        var store = new RegistryStore(address) { Root = "p", S3 = new S3Options { Endpoint = endpoint is null ? null : new Uri(endpoint), Region = endpoint is null ? "eu-west-1" : null } };
        Assert.Equal(driver, DriverStores.Default(store));
        var entry = DriverStores.Write(driver, store, Keys, "/p", []);
        Assert.Equal($"[\"{driver}\",{settings}]", entry.ToJsonString());
        var back = DriverStores.Read("x", entry, true).Store!;
        Assert.Equal((store.ToString(), "p", store.S3.Endpoint, "key"), (back.ToString(), back.Root, back.S3.Endpoint, back.S3.AccessKey));
    }

    [Theory]
    [InlineData("""{"endpoint_url":"https://s3.local:9000"}""", "https://s3.local:9000/", null)]
    [InlineData("""{"s3_region":"eu-west-1"}""", null, "eu-west-1")]
    [InlineData("""{"s3_region":"eu-west-1","endpoint_url":"https://s3.local:9000"}""", null, "eu-west-1")]
    public void A_role_is_reached_with_its_users_keys(string place, string? endpoint, string? region)
    {
        var settings = JsonNode.Parse(place)!.AsObject();
        foreach (var (key, value) in (ReadOnlySpan<(string, string)>)[("storage_path", "/p"), ("s3_bucket", "b"), ("sts_role_arn", "arn:aws:iam::1:role/q"), ("sts_user_access_key", "a"), ("sts_user_secret_key", "s3cret")])
            settings[key] = value;
        var location = DriverStores.Read("default", new JsonArray("STSS3Storage", settings), true);
        Assert.Null(location.Problem);
        var s3 = location.Store!.S3;
        Assert.Equal(("s3://b", "p", LayoutKind.Quay, endpoint, region), (location.Store.ToString(), location.Store.Root, location.Store.Layout, s3.Endpoint?.ToString(), s3.Region));
        Assert.Equal(("arn:aws:iam::1:role/q", "a", "s3cret"), (s3.RoleArn, s3.AccessKey, s3.SecretKey!.Reveal()));
        Assert.Equal(("arn:aws:iam::1:role/q", "***"), (location.Settings["sts_role_arn"], location.Settings["sts_user_secret_key"]));
    }

    [Theory]
    [InlineData("STSS3Storage", "{}", """{"s3_bucket":"b","s3_region":"eu-west-1","sts_role_arn":"arn:aws:iam::1:role/q","sts_user_access_key":"key","sts_user_secret_key":"s3cret","storage_path":"/p"}""")]
    [InlineData(null, """{"sts_role_arn":"arn:aws:iam::1:role/other"}""", """{"s3_bucket":"b","s3_region":"eu-west-1","sts_role_arn":"arn:aws:iam::1:role/other","sts_user_access_key":"key","sts_user_secret_key":"s3cret","storage_path":"/p"}""")]
    // The identity of Quay's pod.
    [InlineData("STSS3Storage", """{"sts_user_access_key":"","sts_user_secret_key":""}""", """{"s3_bucket":"b","s3_region":"eu-west-1","sts_role_arn":"arn:aws:iam::1:role/q","storage_path":"/p","sts_user_access_key":"","sts_user_secret_key":""}""")]
    public void An_entry_of_a_role_has_its_users_keys_or_says_that_the_pod_has_an_identity(string? driver, string extra, string settings)
    {
        var store = new RegistryStore("s3://b") { Root = "p", S3 = new S3Options { Region = "eu-west-1", RoleArn = "arn:aws:iam::1:role/q", AccessKey = "key", SecretKey = new Secret("s3cret") } };
        Assert.Equal("STSS3Storage", DriverStores.Default(store));
        Assert.Equal($"[\"STSS3Storage\",{settings}]", DriverStores.Write(driver ?? DriverStores.Default(store), store, Keys, "/p", JsonNode.Parse(extra)!.AsObject()).ToJsonString());
    }

    [Theory]
    [InlineData("STSS3Storage", null, true, "{}", "-RoleArn, or take S3Storage")]
    [InlineData("STSS3Storage", "arn:aws:iam::1:role/q", false, "{}", "-StorageCredential. Where Quay's pod has an identity")]
    [InlineData("STSS3Storage", "arn:aws:iam::1:role/q", true, """{"sts_user_access_key":"other"}""", "needs 'sts_user_access_key' and 'sts_user_secret_key'")]
    [InlineData("STSS3Storage", "arn:aws:iam::1:role/q", true, """{"sts_user_access_key":"","sts_user_secret_key":"s3cret"}""", "needs 'sts_user_access_key' and 'sts_user_secret_key'")]
    [InlineData("STSS3Storage", "arn:aws:iam::1:role/q", true, """{"sts_role_session_name":"quay"}""", "takes no 'sts_role_session_name'")]
    [InlineData("S3Storage", "arn:aws:iam::1:role/q", true, "{}", "takes on no role")]
    [InlineData("RadosGWStorage", "arn:aws:iam::1:role/q", true, "{}", "Take STSS3Storage, or give Quay an access key of its own")]
    public void An_entry_that_would_take_on_no_role_is_never_made(string driver, string? role, bool withKeys, string extra, string problem)
    {
        var store = new RegistryStore("s3://b") { Root = "p", S3 = new S3Options { Endpoint = new Uri("https://s3.local"), RoleArn = role, AccessKey = "key", SecretKey = new Secret("s3cret") } };
        var error = Assert.Throws<FormatException>(() => DriverStores.Write(driver, store, withKeys ? Keys : new DriverCredentials(null, null), "/p", JsonNode.Parse(extra)!.AsObject()));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.Message, StringComparison.Ordinal);
        // With keys of its own Quay needs no role.
        if (driver != "STSS3Storage")
            Assert.Equal("own", (string?)DriverStores.Write(driver, store, new DriverCredentials("own", new Secret("s3cret")), "/p", [])[1]![driver == "S3Storage" ? "s3_access_key" : "access_key"]);
    }

    [Fact]
    public void An_entry_of_a_container_has_what_Keystone_asks_for()
    {
        var store = new RegistryStore("swift://c") { Root = "p", Swift = new SwiftOptions { AuthUrl = new Uri("https://k:5000/v3"), UserName = "u", Password = new Secret("s3cret"), ProjectName = "t", Region = "R" } };
        Assert.Equal("SwiftStorage", DriverStores.Default(store));
        var entry = DriverStores.Write("SwiftStorage", store, new DriverCredentials(null, null), "/p", new JsonObject { ["ca_cert_path"] = "/conf/stack/ca.pem" });
        Assert.Equal("""["SwiftStorage",{"auth_url":"https://k:5000/v3","auth_version":3,"swift_user":"u","swift_password":"s3cret","os_options":{"tenant_name":"t","user_domain_name":"Default","project_domain_name":"Default","region_name":"R"},"swift_container":"c","storage_path":"/p","ca_cert_path":"/conf/stack/ca.pem"}]""", entry.ToJsonString());
        Assert.Null(DriverStores.Read("x", entry, true).Problem);
    }

    [Theory]
    [InlineData("S3Storge", "s3://b", "/p", "{}", "Did you mean 'S3Storage'?")]
    [InlineData("SwiftStorage", "s3://b", "/p", "{}", "RadosGWStorage can")]
    [InlineData("GoogleCloudStorage", "s3://b", "/p", "{}", "can't use s3://b")]
    [InlineData("RadosGWStorage", "s3://b", "/other", "{}", "looks? for images below 'other'")]
    [InlineData("RadosGWStorage", "s3://b/q", "/p", "{}", "has them below 'q/p'")]
    [InlineData("RadosGWStorage", "s3://b", "/p", """{"regionname":"x"}""", "Did you mean 'region_name'?")]
    [InlineData("CloudFrontedS3Storage", "s3://b", "/p", "{}", "cloudfront_key_id")]
    [InlineData("LocalStorage", "s3://b", "/p", "{}", "can't use")]
    public void An_entry_that_Quay_could_not_use_is_never_made(string driver, string address, string path, string extra, string problem)
    {
        var store = new RegistryStore(address) { Root = "p", S3 = new S3Options { Endpoint = new Uri("https://s3.local") } };
        var error = Assert.Throws<FormatException>(() => DriverStores.Write(driver, store, Keys, path, JsonNode.Parse(extra)!.AsObject()));
        Assert.Matches(problem.Replace("(", "\\(", StringComparison.Ordinal), error.Message);
        Assert.DoesNotContain("s3cret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_that_does_not_say_where_its_images_are_has_them_at_its_address()
    {
        var store = new RegistryStore("s3://b/p") { S3 = new S3Options { Endpoint = new Uri("https://s3.local") } };
        Assert.Equal("/p", (string?)DriverStores.Write("RadosGWStorage", store, Keys, "/p", [])[1]!["storage_path"]);
        var error = Assert.Throws<FormatException>(() => DriverStores.Write("RadosGWStorage", store, Keys, "/datastorage/registry", []));
        Assert.Contains("-Layout Quay -Root 'datastorage/registry'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_region_and_address_it_is_AWS_as_boto3_takes_it()
    {
        var location = DriverStores.Read("default", JsonNode.Parse("""["S3Storage",{"storage_path":"/p","s3_bucket":"b"}]"""), true);
        Assert.Equal((null, "us-east-1", null, "https://s3.amazonaws.com"), (location.Store!.S3.Endpoint, location.Store.S3.Region, location.Store.S3.AccessKey, location.Endpoint));
    }

    [Fact]
    public void A_store_may_trust_another_authority_than_the_system()
    {
        var location = DriverStores.Read("default", JsonNode.Parse("""["RHOCSStorage",{"hostname":"h","is_secure":true,"storage_path":"/p","access_key":"a","secret_key":"s","bucket_name":"b"}]"""), true);
        var store = DriverStores.Trusting(location, new TlsOptions { CertificateAuthorityPath = "/ca.pem" }).Store!;
        Assert.Equal(("/ca.pem", "p", LayoutKind.Quay, "a"), (store.Tls.CertificateAuthorityPath, store.Root, store.Layout, store.S3.AccessKey));
    }

    [Fact]
    public void Keys_that_only_this_machine_has_are_asked_for()
    {
        var store = new RegistryStore("s3://b") { S3 = new S3Options { Endpoint = new Uri("https://s3.local"), Profile = "p" } };
        Assert.Contains("access key", Assert.Throws<FormatException>(() => DriverStores.Write("RadosGWStorage", store, new DriverCredentials(null, null), "/p", [])).Message, StringComparison.Ordinal);
    }
}
