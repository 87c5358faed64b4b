using System.Management.Automation;
using RegistryMigration.Commands.Clusters;
using RegistryMigration.Model;

namespace RegistryMigration.Commands.InCluster;

/// <summary>What cmdlets on one copy in a cluster have in common: the object that Start- or Get-RegistrySync gave, or its name.</summary>
public abstract class SyncJobCommand : ClusterCommand
{
    private protected const string ByJob = "Job";
    private protected const string ByName = "Name";

    /// <summary>The copy, as Start-RegistrySync or Get-RegistrySync gave it.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByJob)]
    [ValidateNotNull]
    public RegistrySyncJob? Job { get; set; }

    /// <summary>The copy's name.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByName)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Its namespace; that of the cluster's context when left out.</summary>
    [Parameter(ParameterSetName = ByName)]
    [ValidateNotNullOrEmpty]
    public string? Namespace { get; set; }

    /// <summary>What is worked on, for errors and questions.</summary>
    private protected string Target => Job?.ToString() ?? (Namespace is null ? Name! : $"{Namespace}/{Name}");

    /// <summary>The copy's name, however it was given.</summary>
    private protected string SyncName => Job?.Name ?? Name!;

    /// <summary>A copy knows its cluster, unless another way to it was asked for.</summary>
    private protected void UseClusterOfJob()
    {
        if (Job?.Cluster is { } cluster && !MyInvocation.BoundParameters.ContainsKey(nameof(Cluster)))
            Cluster = cluster;
    }

    /// <summary>The copy's namespace, however it was given.</summary>
    private protected string SyncNamespace(RegistryCluster cluster) => Job?.Namespace ?? SyncPlace.Namespace(Namespace, cluster);
}
