using RegistryMigration.Commands.Audit;
using RegistryMigration.Commands.Registries;
using RegistryMigration.Commands.Stores;
using RegistryMigration.Commands.Sync;
using RegistryMigration.Model;

namespace RegistryMigration.Tests.Commands;

public sealed class ParameterTests
{
    private static RegistryStore Store(NewRegistryStoreCommand command, string address, string set) =>
        command.ToStore(StoreAddress.Parse(address), set, path => path is null ? null : "/resolved/" + path);

    [Fact]
    public void Parameters_left_out_are_the_engines_defaults()
    {
        using var sync = new SyncRegistryBlobsCommand();
        using var audit = new TestRegistryStoreCommand();

        Assert.Equivalent(new SyncOptions(), sync.Options);
        Assert.Equivalent(new AuditOptions(), audit.Options);
    }

    [Fact]
    public void Sync_parameters_reach_the_engine()
    {
        using var sync = new SyncRegistryBlobsCommand
        {
            Repository = ["a/*"],
            Tag = ["v*"],
            NewestTags = 3,
            MaxDeletes = 4,
            Concurrency = 5,
            MaxConcurrency = 6,
            MemoryBudget = 7 << 20,
            BandwidthLimit = 8000,
            StallTimeout = TimeSpan.FromSeconds(9),
        };
        // Switches do nothing outside of PowerShell, whose reference assembly is empty; the scenarios turn them.

        Assert.Equivalent(new SyncOptions
        {
            Repositories = ["a/*"],
            Tags = ["v*"],
            NewestTags = 3,
            MaxDeletes = 4,
            Concurrency = 5,
            MaxConcurrency = 6,
            MemoryBudget = 7 << 20,
            BytesPerSecond = 8000,
            StallTimeout = TimeSpan.FromSeconds(9),
        }, sync.Options);
    }

    [Fact]
    public void S3_parameters_reach_the_store()
    {
        using var command = new NewRegistryStoreCommand
        {
            Layout = LayoutKind.Quay,
            Root = "r",
            Region = "eu",
            CertificateAuthority = "ca.pem",
            Endpoint = new Uri("https://s3.example.com"),
            AddressingStyle = "virtual",
            Profile = "p",
            RoleArn = "arn:aws:iam::1:role/r",
            PartSize = 6 << 20,
            MultipartThreshold = 7 << 20,
            PartConcurrency = 2,
        };
        var store = Store(command, "s3://bucket/prefix", NewRegistryStoreCommand.S3Kind);

        Assert.Equal((LayoutKind.Quay, "r", "/resolved/ca.pem"), (store.Layout, store.Root, store.Tls.CertificateAuthorityPath));
        Assert.Equivalent(new S3Options { Endpoint = new Uri("https://s3.example.com"), Region = "eu", PathStyle = false, Profile = "p", RoleArn = "arn:aws:iam::1:role/r", PartSize = 6 << 20, MultipartThreshold = 7 << 20, PartConcurrency = 2 }, store.S3);
    }

    [Fact]
    public void Swift_parameters_reach_the_store()
    {
        using var command = new NewRegistryStoreCommand { Cloud = "c", CloudsFile = "clouds.yaml", AuthVersion = "3", UserName = "u", ProjectName = "p", Region = "r", Interface = "internal", SegmentSize = 5 << 20 };
        var swift = Store(command, "swift://box", NewRegistryStoreCommand.SwiftKind).Swift;

        Assert.Equal(("c", "/resolved/clouds.yaml", 3, "u", "p", "r", "internal", 5L << 20), (swift.Cloud, swift.CloudsFile, swift.AuthVersion, swift.UserName, swift.ProjectName, swift.Region, swift.Interface, swift.SegmentSize));
    }

    [Theory]
    [InlineData("/srv", NewRegistryStoreCommand.S3Kind, "no S3 address")]
    [InlineData("swift://c", NewRegistryStoreCommand.S3Kind, "no S3 address")]
    [InlineData("s3://b", NewRegistryStoreCommand.SwiftKind, "no Swift address")]
    public void Parameters_of_another_kind_are_refused(string address, string set, string reason)
    {
        using var command = new NewRegistryStoreCommand();

        Assert.Contains(reason, Assert.Throws<FormatException>(() => Store(command, address, set)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_takes_no_server_parameters()
    {
        using var command = new NewRegistryStoreCommand { Region = "eu" };

        Assert.Throws<FormatException>(() => Store(command, "/srv", NewRegistryStoreCommand.AnyKind));
    }

    [Fact]
    public void An_application_credential_needs_its_secret()
    {
        using var command = new NewRegistryStoreCommand { ApplicationCredentialId = "id" };

        Assert.Throws<FormatException>(() => Store(command, "swift://c", NewRegistryStoreCommand.SwiftKind));
    }

    [Fact]
    public void Named_images_are_every_repository_with_every_tag_and_digests_win()
    {
        var digest = Digest.EmptySha256.ToString();
        using var tags = new TestRegistryPullCommand { Repository = ["a", "b"], Tag = ["1", "2"] };
        using var digests = new TestRegistryPullCommand { Repository = ["a"], Tag = ["1"], Digest = [digest] };
        using var nothing = new TestRegistryPullCommand { Tag = ["1"] };

        Assert.Equal(["a:1", "a:2", "b:1", "b:2"], tags.Images().Select(image => image.ToString()));
        Assert.Equal("a@" + digest, Assert.Single(digests.Images()).ToString());
        Assert.Throws<FormatException>(() => nothing.Images());
    }
}
