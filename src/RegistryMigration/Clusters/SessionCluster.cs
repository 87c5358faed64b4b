using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters;

/// <summary>Remembers which cluster a session connected to last. Each runspace has its own, so that parallel work on two clusters never mixes them up.</summary>
internal static class SessionCluster
{
    private static readonly ConditionalWeakTable<Runspace, RegistryCluster> Last = [];

    /// <summary>The cluster of a runspace; null where none was connected, or there is no runspace.</summary>
    public static RegistryCluster? Of(Runspace? runspace) => runspace is not null && Last.TryGetValue(runspace, out var cluster) ? cluster : null;

    /// <summary>Makes a cluster the default of a runspace.</summary>
    public static void Set(Runspace runspace, RegistryCluster cluster) => Last.AddOrUpdate(runspace, cluster);
}
