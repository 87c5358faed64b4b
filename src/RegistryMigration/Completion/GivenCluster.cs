using System.Collections;
using System.Management.Automation;
using RegistryMigration.Clusters;
using RegistryMigration.Model;
using RegistryMigration.Stores;

namespace RegistryMigration.Completion;

/// <summary>Finds out which cluster is meant by what is typed so far.</summary>
internal static class GivenCluster
{
    /// <summary>The kubeconfig files that are given; relative paths count from the process's directory here, which is close enough for a suggestion.</summary>
    public static IReadOnlyList<string> KubeConfig(IDictionary? bound) => Value(bound, "KubeConfig") switch
    {
        string path => [path],
        object[] paths => [.. paths.Select(path => path is PSObject wrapped ? wrapped.BaseObject : path).OfType<string>()],
        _ => [],
    };

    /// <summary>How to reach it: -Cluster, or what Connect-RegistryCluster was given so far; null where only Connect-RegistryCluster itself can know.</summary>
    public static ClusterOptions? Options(IDictionary? bound) => Value(bound, "Cluster") switch
    {
        RegistryCluster cluster => cluster.Options,
        string context => new ClusterOptions { Context = context, Environment = ProcessVariables.ReadAll() },
        // A token that is not typed yet, or that completion is not shown.
        _ when Value(bound, "Server") is not null || Value(bound, "InCluster") is not null => null,
        _ when Value(bound, "Context") is string context => new ClusterOptions { Context = context, KubeConfig = KubeConfig(bound), Environment = ProcessVariables.ReadAll() },
        _ when KubeConfig(bound) is { Count: > 0 } files => new ClusterOptions { KubeConfig = files, Environment = ProcessVariables.ReadAll() },
        _ => SessionCluster.Of(System.Management.Automation.Runspaces.Runspace.DefaultRunspace)?.Options ?? new ClusterOptions { Environment = ProcessVariables.ReadAll() },
    };

    private static object? Value(IDictionary? bound, string name) => bound?[name] is PSObject wrapped ? wrapped.BaseObject : bound?[name];
}
