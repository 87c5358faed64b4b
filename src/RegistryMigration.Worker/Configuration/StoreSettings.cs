using RegistryMigration.Model;

namespace RegistryMigration.Worker.Configuration;

/// <summary>Everything about one store: its address under the role's own name, the rest with the role in front.</summary>
internal sealed class StoreSettings : SettingGroup
{
    private readonly string _role;
    private readonly Setting<StoreAddress> _address;
    private readonly Setting<LayoutKind> _layout;
    private readonly Setting<string> _root;
    private readonly Setting<string> _region;
    private readonly S3Settings _s3;
    private readonly SwiftSettings _swift;
    private readonly Setting<string> _certificateAuthority;
    private readonly FlagSetting _skipCertificateCheck;

    /// <summary>The settings of a role: source, destination or store.</summary>
    public StoreSettings(string role)
    {
        _role = role;
        _address = Value(role, $"The {role}: a path, s3://bucket/prefix or swift://container/prefix", StoreAddress.Parse);
        _layout = Value($"{role}-layout", "distribution or quay; found by looking unless given", SettingParsers.OneOf<LayoutKind>);
        _root = Value($"{role}-root", "The layout's root below the address; found by looking unless given", SettingParsers.Text);
        _region = Value($"{role}-region", "S3: the region to sign for. Swift: the region in the catalog", SettingParsers.Text);
        _certificateAuthority = Value($"{role}-certificate-authority", "A PEM file with authorities to trust besides the system's", SettingParsers.Text);
        _skipCertificateCheck = Flag($"{role}-skip-certificate-check", "Trust any certificate; warns on every use");
        _s3 = Include(new S3Settings(role));
        _swift = Include(new SwiftSettings(role));
    }

    /// <summary>Whether the store was given.</summary>
    public bool IsGiven(SettingValues values) => values.Find(_address) is not null;

    /// <summary>The store as it was described.</summary>
    /// <param name="values">What was given.</param>
    /// <param name="environment">The <c>OS_…</c> variables, which Swift takes what was not given from.</param>
    /// <exception cref="UsageException">The address is missing or a value can't be read.</exception>
    public RegistryStore Read(SettingValues values, IReadOnlyDictionary<string, string> environment)
    {
        var address = values.Find(_address)
            ?? throw new UsageException($"There is no {_role}. Give --{_role} ADDRESS: a path, s3://bucket/prefix or swift://container/prefix.");
        var region = values.Find(_region);
        return new RegistryStore(address)
        {
            Layout = values.FindValue(_layout),
            Root = values.Find(_root),
            S3 = _s3.Read(values, region),
            Swift = _swift.Read(values, region, environment),
            Tls = new TlsOptions
            {
                CertificateAuthorityPath = values.Find(_certificateAuthority),
                SkipCertificateCheck = values.Get(_skipCertificateCheck, false),
            },
        };
    }
}
