using System.Management.Automation;
using System.Security;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift;
using RegistryMigration.Clusters.OpenShift.Credentials;
using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Commands.Clusters;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;
using RegistryMigration.Stores;

namespace RegistryMigration.Commands.OpenShift;

/// <summary>Gives OpenShift's image registry the administrator's own storage credentials.</summary>
[Cmdlet(VerbsCommon.Set, "ImageRegistryCredential", SupportsShouldProcess = true, DefaultParameterSetName = CredentialSet)]
[OutputType(typeof(RegistryCredentialChange))]
public sealed class SetImageRegistryCredentialCommand : ClusterCommand
{
    private const string CredentialSet = "Credential";
    private const string StoreSet = "Store";
    private const string ApplicationSet = "ApplicationCredential";
    private const string TokenSet = "Token";

    private RegistryCredentialChange? _plan;

    /// <summary>The storage type that the credentials are for.</summary>
    [Parameter(Mandatory = true, ParameterSetName = CredentialSet, Position = 0)]
    [ValidateSet("S3", "Swift")]
    public string Backend { get; set; } = "";

    /// <summary>S3: access key and secret key. Swift: user and password.</summary>
    [Parameter(Mandatory = true, ParameterSetName = CredentialSet, Position = 1)]
    public PSCredential? Credential { get; set; }

    /// <summary>A store whose credentials the registry shall use.</summary>
    [Parameter(Mandatory = true, ParameterSetName = StoreSet, ValueFromPipeline = true)]
    [StoreArgument]
    public RegistryStore? Store { get; set; }

    /// <summary>A Keystone application credential's id.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ApplicationSet)]
    public string ApplicationCredentialId { get; set; } = "";

    /// <summary>Its name; the operator needs both.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ApplicationSet)]
    public string ApplicationCredentialName { get; set; } = "";

    /// <summary>Its secret.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ApplicationSet)]
    public SecureString? ApplicationCredentialSecret { get; set; }

    /// <summary>A Keystone token. It expires, and the registry's access with it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = TokenSet)]
    public SecureString? Token { get; set; }

    /// <summary>Take keys of other storage types away.</summary>
    [Parameter]
    public SwitchParameter RemoveOther { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        if (ToKeys() is not { } keys)
            return;
        var change = new CredentialChange(keys, RemoveOther);
        if (Run((client, output, cancellationToken) => TryAsync(client, change, output, cancellationToken)))
            Decide(change, _plan!);
    }

    /// <summary>The keys that the parameters stand for.</summary>
    /// <exception cref="FormatException">They are none that the operator could use.</exception>
    internal CredentialKeys Keys(string parameterSet) => parameterSet switch
    {
        StoreSet => CredentialKeys.Of(Store!),
        ApplicationSet => CredentialKeys.OfSwift(ApplicationCredentialId, ApplicationCredentialName, Secrets.Of(ApplicationCredentialSecret)!),
        TokenSet => CredentialKeys.OfSwiftToken(Secrets.Of(Token)!),
        _ => Backend == "S3" ? CredentialKeys.OfS3(Credential!.UserName, Secrets.Of(Credential.Password)!) : CredentialKeys.OfSwift(Credential!.UserName, Secrets.Of(Credential.Password)!),
    };

    private void Decide(CredentialChange change, RegistryCredentialChange plan)
    {
        var removed = plan.Removed.Count == 0 ? "" : $"; remove {string.Join(", ", plan.Removed)}";
        if (ShouldProcess($"{plan.Secret} in {ImageRegistryNames.Namespace}", $"{(plan.Created ? "Create with" : "Write")} {string.Join(", ", plan.Written)}{removed}"))
            Run((client, output, cancellationToken) => ApplyAsync(client, change, output, cancellationToken));
        else
            WriteObject(plan);
    }

    private CredentialKeys? ToKeys()
    {
        try
        {
            return Keys(ParameterSetName);
        }
        catch (Exception e) when (e is FormatException or StoreException)
        {
            WriteError(ErrorMapper.Map(e, Store).ToRecord());
            return null;
        }
    }

    private async Task TryAsync(IKubernetesClient client, CredentialChange change, ICommandOutput output, CancellationToken cancellationToken)
    {
        var config = await ImageRegistryReader.ReadConfigAsync(client, cancellationToken);
        _plan = await change.TryAsync(client, cancellationToken);
        foreach (var warning in CredentialChange.Warnings(_plan, StorageReader.Read(config.Section("spec", "storage"))))
            output.Warn(warning);
    }

    private static async Task ApplyAsync(IKubernetesClient client, CredentialChange change, ICommandOutput output, CancellationToken cancellationToken)
    {
        var done = await change.ApplyAsync(client, cancellationToken);
        output.Verbose(done.Applied ? "The operator hands them to the registry and restarts its pods." : "They were there already; nothing was written.");
        await output.WriteAsync(done, cancellationToken);
    }
}
