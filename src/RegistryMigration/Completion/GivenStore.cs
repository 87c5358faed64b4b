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
                string text when Runspace.DefaultRunspace is not null => StoreAddressReader.Store(text, Paths()),
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

    // A completer is given no session state, and the runspace's proxy refuses while a pipeline runs, which one does when Tab is pressed.
    private static PathIntrinsics Paths() =>
        (ScriptBlock.Create("$ExecutionContext").InvokeReturnAsIs() is PSObject wrapped ? (EngineIntrinsics)wrapped.BaseObject : throw new FormatException("No session state.")).SessionState.Path;

    private static object? Value(IDictionary? bound, string name) => bound?[name] is PSObject wrapped ? wrapped.BaseObject : bound?[name];
}
