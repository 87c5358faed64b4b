using System.Management.Automation;
using RegistryMigration.Clusters.Quay;
using RegistryMigration.Clusters.Quay.Drivers;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;

namespace RegistryMigration.Commands.Quay;

/// <summary>Shows where a Quay keeps blobs: each location with its store, which other cmdlets take as it is.</summary>
[Cmdlet(VerbsCommon.Get, "QuayStorageLocation", DefaultParameterSetName = InCluster)]
[OutputType(typeof(QuayStorageLocation))]
public sealed class GetQuayStorageLocationCommand : QuayCommand
{
    internal const string Given = "Registry";

    /// <summary>A Quay, as Get-QuayRegistry gives it.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = Given)]
    [ValidateNotNull]
    public QuayRegistry? Registry { get; set; }

    /// <summary>A config bundle to read instead of the configuration in use: the one that a step of a migration recorded, for the old storage. Where it leaves the storage to the operator, that is the bucket of the operator's claim.</summary>
    [Parameter(ParameterSetName = InCluster)]
    [ValidateNotNullOrEmpty]
    public string? ConfigBundle { get; set; }

    /// <summary>A PEM file with authorities that the stores trust besides the system's.</summary>
    [Parameter]
    public string? CertificateAuthority { get; set; }

    /// <summary>Stores that trust anybody. Warns.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        var tls = CertificateAuthority is null && !SkipCertificateCheck ? null : new TlsOptions { CertificateAuthorityPath = ResolveFile(CertificateAuthority), SkipCertificateCheck = SkipCertificateCheck };
        if (ConfigBundle is not null && Namespace is null)
            Refuse("InvalidArgument", "-ConfigBundle is a Secret of a namespace. Give -Namespace.", ConfigBundle);
        Run((object?)Registry ?? Path ?? Namespace, (output, cancellationToken) => ShowAsync(tls, output, cancellationToken));
    }

    private async Task ShowAsync(TlsOptions? tls, ICommandOutput output, CancellationToken cancellationToken)
    {
        if (Registry is not null)
        {
            await ShowAsync(Registry, tls, output, cancellationToken);
            return;
        }

        if (ConfigBundle is not null)
        {
            using var client = await ConnectAsync(output, cancellationToken);
            await ShowAsync(new QuayRegistry { Name = ConfigBundle, Namespace = Namespace, Locations = await QuayReader.ReadBundleAsync(client, Namespace!, ConfigBundle, Name, cancellationToken) }, tls, output, cancellationToken);
            return;
        }

        await foreach (var quay in ReadAsync(output, cancellationToken))
            await ShowAsync(quay, tls, output, cancellationToken);
    }

    private static async Task ShowAsync(QuayRegistry quay, TlsOptions? tls, ICommandOutput output, CancellationToken cancellationToken)
    {
        if (quay.Locations.Count == 0)
            output.Warn($"Nothing says where {quay} keeps blobs{(quay.Unread.Count == 0 ? "" : $" (not read: {string.Join("; ", quay.Unread)})")}.");
        foreach (var location in quay.Locations)
        {
            var shown = tls is null ? location : DriverStores.Trusting(location, tls);
            if (tls?.SkipCertificateCheck == true && shown.Endpoint is { } server)
                output.Warn(UncheckedWarning(server));
            await output.WriteAsync(shown, cancellationToken);
            if (location.Problem is { } problem)
                await output.WriteErrorAsync(new CommandError(nameof(StoreErrorKind.Unsupported), ErrorCategory.NotImplemented, $"{location.Name} of {quay}: {problem}", null, location.Name), cancellationToken);
        }
    }
}
