using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>What a copy inside a cluster is to do, and what its pods may use.</summary>
public sealed record SyncJobRequest
{
    /// <summary>The name; null makes one up.</summary>
    public string? Name { get; init; }

    /// <summary>The namespace of the claim.</summary>
    public required string Namespace { get; init; }

    /// <summary>Which way to copy.</summary>
    public SyncDirection Direction { get; init; }

    /// <summary>The persistent volume claim at one end.</summary>
    public required string Claim { get; init; }

    /// <summary>The directory within the claim that holds the registry's files; null is its root.</summary>
    public string? ClaimPath { get; init; }

    /// <summary>The store at the other end: S3 or Swift.</summary>
    public required RegistryStore Store { get; init; }

    /// <summary>A Secret of the namespace that has the credentials; null makes one of what <see cref="Store"/> says.</summary>
    public string? CredentialSecret { get; init; }

    /// <summary>The worker image as <c>name@sha256:…</c>.</summary>
    public required string Image { get; init; }

    /// <summary>A Secret of the namespace to pull the image with; null for none.</summary>
    public string? ImagePullSecret { get; init; }

    /// <summary>Which part of the source, and how much each pod may use.</summary>
    public SyncOptions Options { get; init; } = new();

    /// <summary>Parts to cut the work into; more than one makes Indexed Jobs, blobs first and links after.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>Parts at a time.</summary>
    public int Parallelism { get; init; } = 1;

    /// <summary>Attempts of each part after the first; a repeated part copies only what is missing.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>How long what is finished stays in the cluster.</summary>
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Who the pods run as and what they may read.</summary>
    public PodIdentity Identity { get; init; } = new();

    /// <summary>What each pod asks for and may use.</summary>
    public PodResources Resources { get; init; } = new();

    /// <summary>TCP ports that pods may reach besides those that the store names.</summary>
    public IReadOnlyList<int> EgressPorts { get; init; } = [];
}

/// <summary>Who pods run as. What is null is taken from the pod that uses a claim that is read, and from the namespace of one that is written.</summary>
public sealed record PodIdentity
{
    /// <summary>The numeric user, above 0.</summary>
    public long? RunAsUser { get; init; }

    /// <summary>The group that owns the volume.</summary>
    public long? FSGroup { get; init; }

    /// <summary>More groups.</summary>
    public IReadOnlyList<long>? SupplementalGroups { get; init; }

    /// <summary>The security context constraint to run under on OpenShift, for <c>openshift.io/required-scc</c>; null lets the cluster choose.</summary>
    public string? RequiredScc { get; init; }

    /// <summary>The ServiceAccount; its token is never mounted.</summary>
    public string? ServiceAccount { get; init; }
}

/// <summary>What each pod asks for and may use, as Kubernetes writes quantities.</summary>
public sealed record PodResources
{
    /// <summary>Processor asked for.</summary>
    public string CpuRequest { get; init; } = "500m";

    /// <summary>The most processor; null for no limit, since throttling only makes a copy slower.</summary>
    public string? CpuLimit { get; init; }

    /// <summary>Memory asked for.</summary>
    public string MemoryRequest { get; init; } = "256Mi";

    /// <summary>The most memory; a pod that takes more is killed.</summary>
    public string MemoryLimit { get; init; } = "512Mi";
}
