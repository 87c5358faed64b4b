using System.Management.Automation;
using RegistryMigration.Model;

namespace RegistryMigration.Tls;

/// <summary>Lets a server be named by its host, its address, or the store that it serves.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TlsServerArgumentAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc />
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        try
        {
            return Read(inputData is PSObject wrapped ? wrapped.BaseObject : inputData);
        }
        catch (FormatException e)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }

    /// <exception cref="FormatException">It names no server that is reached by TLS.</exception>
    internal static object Read(object value) => value switch
    {
        string text => TlsServer.Parse(text),
        // What is cast to an address without a scheme is a host.
        Uri { IsAbsoluteUri: false } host => TlsServer.Parse(host.OriginalString),
        Uri address => TlsServer.Of(address),
        RegistryStore store => TlsServer.Of(store),
        QuayStorageLocation { Store: { } store } => TlsServer.Of(store),
        QuayStorageLocation location => throw new FormatException($"Location '{location.Name}' has no store: {location.Problem} Give the host of its server."),
        // Whatever else PowerShell's own conversion refuses by name.
        _ => value,
    };
}
