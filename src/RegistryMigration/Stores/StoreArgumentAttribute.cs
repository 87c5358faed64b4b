using System.Management.Automation;
using RegistryMigration.Model;

namespace RegistryMigration.Stores;

/// <summary>Lets a store parameter take an address, a directory, a store, or a result that carries one.</summary>
/// <remarks>PowerShell would use RegistryStore's constructor by itself, but relative paths would then count from the process's directory, which PowerShell's location does not change.</remarks>
[AttributeUsage(AttributeTargets.Property)]
public sealed class StoreArgumentAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc />
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        ArgumentNullException.ThrowIfNull(engineIntrinsics);
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        try
        {
            return value switch
            {
                string text => StoreAddressReader.Store(text, engineIntrinsics.SessionState.Path),
                DirectoryInfo directory => new RegistryStore(StoreAddress.Directory(directory.FullName)),
                PathInfo path => new RegistryStore(StoreAddress.Directory(PowerShellPath.Resolve(path.Path, engineIntrinsics.SessionState.Path))),
                SyncResult result => result.Destination,
                QuayStorageLocation location => location.Store ?? throw new FormatException($"The location '{location.Name}' has no store: {location.Problem}"),
                StoreAddress address => StoreAddressReader.Store(address),
                // Whatever else PowerShell's own conversion refuses by name.
                _ => inputData,
            };
        }
        catch (FormatException e)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }
}
