using System.Security;
using RegistryMigration.Clusters;
using RegistryMigration.Commands.Clusters;

namespace RegistryMigration.Tests.Commands;

public sealed class ConnectRegistryClusterTests
{
    [Fact]
    public void Parameters_become_options()
    {
        using var token = new SecureString();
        token.AppendChar('t');
        using var command = new ConnectRegistryClusterCommand { Context = "lab", KubeConfig = ["a", "b"], Namespace = "n", Token = token, CertificateAuthority = "ca" };

        var options = command.Options(path => path is null ? null : "/given/" + path);

        Assert.Equal(("lab", "/given/a,/given/b", "n", "t", "/given/ca"), (options.Context, string.Join(',', options.KubeConfig), options.Namespace, options.Token?.Reveal(), options.Tls.CertificateAuthorityPath));
        Assert.True(options.Environment.ContainsKey("PATH"));
        Assert.DoesNotContain(Environment.GetEnvironmentVariable("PATH")!, string.Join(' ', options.Environment), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_runspace_there_is_no_default() => Assert.Null(SessionCluster.Of(null));
}
