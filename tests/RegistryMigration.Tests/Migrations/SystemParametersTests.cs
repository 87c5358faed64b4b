using System.Management.Automation;
using RegistryMigration.Commands.Migrations;
using RegistryMigration.Migrations;
using RegistryMigration.Model;

namespace RegistryMigration.Tests.Migrations;

/// <summary>Parameters that a migration's registry has no use for.</summary>
public sealed class SystemParametersTests
{
    private static readonly Type Switch = typeof(SwitchRegistryBackendCommand);
    private static readonly Type Block = typeof(SetRegistryReadOnlyCommand);
    private static readonly Type Undo = typeof(UndoRegistryMigrationCommand);
    private static readonly Type New = typeof(NewRegistryMigrationCommand);

    public static TheoryData<Type, string, string, bool> Refused()
    {
        var data = new TheoryData<Type, string, string, bool>();
        foreach (var name in new[] { "Driver", "DriverSetting", "Location", "StorageCredential", "Fingerprint", "Registry", "CertificateAuthority", "Restart" })
            data.Add(Switch, name, "OpenShift", false);
        foreach (var standalone in new[] { false, true })
        {
            data.Add(Switch, "Claim", "Quay", standalone);
            data.Add(Switch, "Replicas", "Quay", standalone);
        }

        data.Add(Block, "ServiceKey", "OpenShift", false);
        data.Add(New, "Instance", "OpenShift", false);
        data.Add(New, "Path", "OpenShift", true);
        foreach (var system in new[] { "OpenShift", "Quay" })
        {
            data.Add(Switch, "Restart", system, false);
            data.Add(Block, "Restart", system, false);
            foreach (var name in new[] { "Restart", "Registry", "Credential", "Token", "Repository", "CertificateAuthority" })
                data.Add(Undo, name, system, false);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_a_registry_has_no_use_for_is_refused_with_its_name(Type cmdlet, string name, string system, bool standalone)
    {
        var failure = Assert.Throws<ClusterException>(() => SystemParameters.Require(cmdlet, new Dictionary<string, object> { [name] = "given", ["Timeout"] = TimeSpan.Zero }, system, standalone));
        Assert.Equal(ClusterErrorKind.Precondition, failure.Kind);
        Assert.Contains($"-{name} is for ", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"of {system}", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Timeout", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_registry_takes_passes_and_so_does_nothing()
    {
        Dictionary<string, object> Given(params string[] names) => names.ToDictionary(name => name, object (_) => "given");
        SystemParameters.Require(Switch, Given("Migration", "Destination", "Force", "Driver", "DriverSetting", "Location", "StorageCredential", "Fingerprint", "Registry", "CertificateAuthority", "SkipCertificateCheck"), "Quay", false);
        SystemParameters.Require(Switch, Given("Destination", "Driver", "Registry", "Restart"), "Quay", true);
        SystemParameters.Require(Switch, Given("Destination", "Claim", "Replicas", "Force", "WhatIf", "Cluster"), "OpenShift", false);
        SystemParameters.Require(Block, Given("Registry", "Credential", "CertificateAuthority", "Repository", "Off"), "OpenShift", false);
        SystemParameters.Require(Undo, Given("Restart", "Credential", "Registry", "CertificateAuthority"), "Quay", true);
        SystemParameters.Require(New, Given("Instance"), "Registry", false);
        SystemParameters.Require(Switch, new Dictionary<string, object> { ["Restart"] = null!, ["SkipCertificateCheck"] = new SwitchParameter(false) }, "OpenShift", false);
    }
}
