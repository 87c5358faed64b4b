using System.Management.Automation;
using System.Security;
using RegistryMigration.Completion;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using RegistryMigration.Stores;

namespace RegistryMigration.Commands.Stores;

/// <summary>Describes a store: where it is, how to reach it, which layout lies in it. Connects to nothing.</summary>
[Cmdlet(VerbsCommon.New, "RegistryStore", DefaultParameterSetName = AnyKind)]
[OutputType(typeof(RegistryStore))]
public sealed class NewRegistryStoreCommand : RegistryCommand
{
    internal const string AnyKind = "Address";
    internal const string S3Kind = "S3";
    internal const string SwiftKind = "Swift";

    /// <summary>A directory, s3://bucket/prefix or swift://container/prefix.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public string Address { get; set; } = "";

    /// <summary>The layout; found by looking when left out.</summary>
    [Parameter]
    public LayoutKind? Layout { get; set; }

    /// <summary>The layout's root below the address; found by looking when left out.</summary>
    [Parameter]
    public string? Root { get; set; }

    /// <summary>S3: access key and secret key. Swift: user and password.</summary>
    [Parameter]
    public PSCredential? Credential { get; set; }

    /// <summary>S3: the region to sign for. Swift: the region in the catalog.</summary>
    [Parameter]
    public string? Region { get; set; }

    /// <summary>A PEM file with authorities to trust besides the system's.</summary>
    [Parameter]
    public string? CertificateAuthority { get; set; }

    /// <summary>Trust anybody. Warns.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>The S3 server, https://host:port; AWS when left out.</summary>
    [Parameter(ParameterSetName = S3Kind)]
    public Uri? Endpoint { get; set; }

    /// <summary>Bucket in the path or in the host name; Auto takes the path with an endpoint, the host name with AWS.</summary>
    [Parameter(ParameterSetName = S3Kind)]
    [ValidateSet("Auto", "Path", "Virtual")]
    public string AddressingStyle { get; set; } = "Auto";

    /// <summary>A profile of the AWS config and credentials files.</summary>
    [Parameter(ParameterSetName = S3Kind)]
    [ArgumentCompleter(typeof(ProfileCompleter))]
    public string? Profile { get; set; }

    /// <summary>The session token of temporary credentials.</summary>
    [Parameter(ParameterSetName = S3Kind)]
    public SecureString? SessionToken { get; set; }

    /// <summary>The ARN of a role to take on by STS; the credentials are then those of the user who may.</summary>
    [Parameter(ParameterSetName = S3Kind)]
    public string? RoleArn { get; set; }

    /// <summary>Bytes of one part of a multipart upload.</summary>
    [Parameter(ParameterSetName = S3Kind)]
    [ValidateRange(5L << 20, 5L << 30)]
    public long PartSize { get; set; } = new S3Options().PartSize;

    /// <summary>Objects of at least this many bytes are sent in parts.</summary>
    [Parameter(ParameterSetName = S3Kind)]
    [ValidateRange(5L << 20, 5L << 30)]
    public long MultipartThreshold { get; set; } = new S3Options().MultipartThreshold;

    /// <summary>Parts of one object sent at a time.</summary>
    [Parameter(ParameterSetName = S3Kind)]
    [ValidateRange(1, 64)]
    public int PartConcurrency { get; set; } = new S3Options().PartConcurrency;

    /// <summary>A cloud of clouds.yaml.</summary>
    [Parameter(ParameterSetName = SwiftKind)]
    [ArgumentCompleter(typeof(CloudCompleter))]
    public string? Cloud { get; set; }

    /// <summary>The clouds.yaml to read.</summary>
    [Parameter(ParameterSetName = SwiftKind)]
    public string? CloudsFile { get; set; }

    /// <summary>Keystone's v3 address, or tempauth's v1.0 address.</summary>
    [Parameter(ParameterSetName = SwiftKind)]
    public Uri? AuthUrl { get; set; }

    /// <summary>1 for tempauth, 3 for Keystone; the path of AuthUrl decides when left out.</summary>
    [Parameter(ParameterSetName = SwiftKind)]
    [ValidateSet("1", "3")]
    public string? AuthVersion { get; set; }

    /// <summary>The user, where no password goes with it (application credential by name).</summary>
    [Parameter(ParameterSetName = SwiftKind)]
    public string? UserName { get; set; }

    /// <summary>The user's domain by name.</summary>
    [Parameter(ParameterSetName = SwiftKind)]
    public string? UserDomainName { get; set; }

    /// <summary>The user's domain by id.</summary>
    [Parameter(ParameterSetName = SwiftKind)]
    public string? UserDomainId { get; set; }

    /// <summary>The project by name.</summary>
    [Parameter(ParameterSetName = SwiftKind)]
    public string? ProjectName { get; set; }

    /// <summary>The project by id.</summary>
    [Parameter(ParameterSetName = SwiftKind)]
    public string? ProjectId { get; set; }

    /// <summary>The project's domain by name.</summary>
    [Parameter(ParameterSetName = SwiftKind)]
    public string? ProjectDomainName { get; set; }

    /// <summary>The project's domain by id.</summary>
    [Parameter(ParameterSetName = SwiftKind)]
    public string? ProjectDomainId { get; set; }

    /// <summary>An application credential's id.</summary>
    [Parameter(ParameterSetName = SwiftKind)]
    public string? ApplicationCredentialId { get; set; }

    /// <summary>An application credential's name.</summary>
    [Parameter(ParameterSetName = SwiftKind)]
    public string? ApplicationCredentialName { get; set; }

    /// <summary>The application credential's secret.</summary>
    [Parameter(ParameterSetName = SwiftKind)]
    public SecureString? ApplicationCredentialSecret { get; set; }

    /// <summary>A token issued already; can't be renewed.</summary>
    [Parameter(ParameterSetName = SwiftKind)]
    public SecureString? Token { get; set; }

    /// <summary>The storage URL to use instead of the catalog's.</summary>
    [Parameter(ParameterSetName = SwiftKind)]
    public Uri? StorageUrl { get; set; }

    /// <summary>The interface in the catalog.</summary>
    [Parameter(ParameterSetName = SwiftKind)]
    [ValidateSet("public", "internal", "admin")]
    public string? Interface { get; set; }

    /// <summary>Bytes of one segment of a large object.</summary>
    [Parameter(ParameterSetName = SwiftKind)]
    [ValidateRange(1L << 20, 5L << 30)]
    public long SegmentSize { get; set; } = new SwiftOptions().SegmentSize;

    /// <summary>Objects above this many bytes are written in segments; one segment when left out.</summary>
    [Parameter(ParameterSetName = SwiftKind)]
    [ValidateRange(0L, 5L << 30)]
    public long? SegmentThreshold { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        RegistryStore store;
        try
        {
            store = ToStore(StoreAddressReader.Address(Address, SessionState.Path), ParameterSetName, ResolveFile);
        }
        catch (FormatException e)
        {
            WriteError(new CommandError("InvalidAddress", ErrorCategory.InvalidArgument, e.Message, null, Address, e).ToRecord());
            return;
        }

        WarnWhenUnchecked(store.Tls, store.ToString());
        WriteObject(store);
    }

    /// <summary>The store that the parameters describe.</summary>
    /// <exception cref="FormatException">Parameters do not fit the address, or each other.</exception>
    internal RegistryStore ToStore(StoreAddress address, string parameterSet, Func<string?, string?> resolve)
    {
        Check(address, parameterSet);
        return new RegistryStore(address)
        {
            Layout = Layout,
            Root = Root,
            Tls = new TlsOptions { CertificateAuthorityPath = resolve(CertificateAuthority), SkipCertificateCheck = SkipCertificateCheck },
            S3 = address.Kind == StoreKind.S3 ? ToS3() : new S3Options(),
            Swift = address.Kind == StoreKind.Swift ? ToSwift(resolve) : new SwiftOptions(),
        };
    }

    private void Check(StoreAddress address, string parameterSet)
    {
        if (parameterSet == S3Kind && address.Kind != StoreKind.S3)
            throw new FormatException($"'{address}' is no S3 address, but S3 parameters are given. Write s3://bucket/prefix, or leave them out.");
        if (parameterSet == SwiftKind && address.Kind != StoreKind.Swift)
            throw new FormatException($"'{address}' is no Swift address, but Swift parameters are given. Write swift://container/prefix, or leave them out.");
        if (address.Kind == StoreKind.FileSystem && (Credential is not null || Region is not null || CertificateAuthority is not null || SkipCertificateCheck))
            throw new FormatException($"'{address}' is a directory: -Credential, -Region, -CertificateAuthority and -SkipCertificateCheck belong to s3:// and swift:// addresses.");
        if (Credential is not null && Profile is not null)
            throw new FormatException("-Credential and -Profile both say who we are. Give one of them.");
        if (SessionToken is not null && Credential is null)
            throw new FormatException("-SessionToken belongs to temporary keys. Give them with -Credential.");
        if (Credential is not null && UserName is not null)
            throw new FormatException("-Credential and -UserName both name the user. Give one of them.");
        if ((ApplicationCredentialId ?? ApplicationCredentialName) is not null && ApplicationCredentialSecret is null)
            throw new FormatException("An application credential needs its secret. Give -ApplicationCredentialSecret.");
    }

    private S3Options ToS3() => new()
    {
        Endpoint = Endpoint,
        Region = Region,
        PathStyle = AddressingStyle.ToUpperInvariant() switch { "PATH" => true, "VIRTUAL" => false, _ => null },
        Profile = Profile,
        AccessKey = Credential?.UserName,
        SecretKey = Secrets.Of(Credential?.Password),
        SessionToken = Secrets.Of(SessionToken),
        RoleArn = RoleArn,
        PartSize = PartSize,
        MultipartThreshold = MultipartThreshold,
        PartConcurrency = PartConcurrency,
    };

    private SwiftOptions ToSwift(Func<string?, string?> resolve) => new()
    {
        Cloud = Cloud,
        CloudsFile = resolve(CloudsFile),
        AuthUrl = AuthUrl,
        AuthVersion = AuthVersion switch { "1" => 1, "3" => 3, _ => null },
        UserName = Credential?.UserName ?? UserName,
        Password = Secrets.Of(Credential?.Password),
        UserDomainName = UserDomainName,
        UserDomainId = UserDomainId,
        ProjectName = ProjectName,
        ProjectId = ProjectId,
        ProjectDomainName = ProjectDomainName,
        ProjectDomainId = ProjectDomainId,
        ApplicationCredentialId = ApplicationCredentialId,
        ApplicationCredentialName = ApplicationCredentialName,
        ApplicationCredentialSecret = Secrets.Of(ApplicationCredentialSecret),
        Token = Secrets.Of(Token),
        StorageUrl = StorageUrl,
        Region = Region,
        Interface = Interface,
        SegmentSize = SegmentSize,
        SegmentThreshold = SegmentThreshold,
        Environment = ProcessVariables.Read(),
    };
}
