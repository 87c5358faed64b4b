using RegistryMigration.Engine.Layouts;

namespace RegistryMigration.Engine.Sync.Selection;

/// <summary>Which entries of the source a pass takes.</summary>
internal interface ISelection
{
    /// <summary>Whether an entry is taken.</summary>
    bool Takes(EntryInfo info);
}

/// <summary>Takes everything.</summary>
internal sealed class EverythingSelection : ISelection
{
    public static readonly EverythingSelection Instance = new();

    public bool Takes(EntryInfo info) => true;
}
