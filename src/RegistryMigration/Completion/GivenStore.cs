using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using RegistryMigration.Model;
using RegistryMigration.Stores;

namespace RegistryMigration.Completion;

/// <summary>Finds out which store is meant by what is typed so far.</summary>
internal static class GivenStore
{
    /// <summary>The store given as -Store or -Source, or null.</summary>
    public static RegistryStore? Find(IDictionary? bound)
    {
        var value = Value(bound, "Store") ?? Value(bound, "Source");
        try
        {
            return value switch
            {
                RegistryStore store => store,
                SyncResult result => result.Destination,
                string text when Runspace.DefaultRunspace is { } runspace => StoreAddressReader.Store(text, runspace.SessionStateProxy.Path),
                _ => null,
            };
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>A parameter's text, where it is one.</summary>
    public static string? Text(IDictionary? bound, string name) => Value(bound, name) as string;

    private static object? Value(IDictionary? bound, string name) => bound?[name] is PSObject wrapped ? wrapped.BaseObject : bound?[name];
}
