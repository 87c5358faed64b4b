using System.Management.Automation;
using RegistryMigration.Clusters.InCluster;
using RegistryMigration.Commands.Clusters;
using RegistryMigration.Model;
using RegistryMigration.Stores;

namespace RegistryMigration.Commands.InCluster;

/// <summary>Starts a copy inside the cluster, beside the volume that it reads or writes, and returns at once.</summary>
[Cmdlet(VerbsLifecycle.Start, "RegistrySync", DefaultParameterSetName = FromClaim, SupportsShouldProcess = true)]
[OutputType(typeof(RegistrySyncJob))]
public sealed class StartRegistrySyncCommand : ClusterCommand
{
    private const string FromClaim = nameof(SyncDirection.FromClaim);
    private const string ToClaim = nameof(SyncDirection.ToClaim);

    /// <summary>The persistent volume claim that holds the registry's files.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Claim { get; set; } = "";

    /// <summary>Where to copy to: an S3 or Swift store, or its address.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ParameterSetName = FromClaim)]
    [StoreArgument]
    public RegistryStore? Destination { get; set; }

    /// <summary>Instead of -Destination: where to copy from, into the claim; an S3 or Swift store, or its address. No registry may use the claim meanwhile.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ToClaim)]
    [StoreArgument]
    public RegistryStore? Source { get; set; }

    /// <summary>The worker image with its digest: name@sha256:….</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string Image { get; set; } = "";

    /// <summary>The namespace of the claim; that of the cluster's context when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Namespace { get; set; }

    /// <summary>The copy's name; made up when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>The directory within the claim that holds the registry's files; its root when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ClaimPath { get; set; }

    /// <summary>A Secret of the namespace with the credentials (clouds.yaml, or an S3 key pair); one is made of the store's own and removed afterwards when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CredentialSecret { get; set; }

    /// <summary>A Secret of the namespace to pull the image with.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ImagePullSecret { get; set; }

    /// <summary>Parts that the work is cut into.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int Shards { get; set; } = 1;

    /// <summary>Parts at a time; all of them when left out.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int? Parallelism { get; set; }

    /// <summary>Attempts of each part after the first.</summary>
    [Parameter]
    [ValidateRange(0, 100)]
    public int Retries { get; set; } = 3;

    /// <summary>How long the finished copy stays in the cluster to be received; a number is seconds.</summary>
    [Parameter]
    [SecondsArgument]
    public TimeSpan KeepFor { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Repositories, as wildcards; all when left out.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[] Repository { get; set; } = [];

    /// <summary>Tags, as wildcards; all when left out.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[] Tag { get; set; } = [];

    /// <summary>Only the N tags of each repository that were moved last.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? NewestTags { get; set; }

    /// <summary>The most transfers at a time in each pod.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int MaxConcurrency { get; set; } = new SyncOptions().MaxConcurrency;

    /// <summary>Bytes of buffers for parts and segments that all transfers of a pod together may hold.</summary>
    [Parameter]
    [ValidateRange(1L << 20, 1L << 40)]
    public long MemoryBudget { get; set; } = new SyncOptions().MemoryBudget;

    /// <summary>Content bytes per second of all pods together.</summary>
    [Parameter]
    [ValidateRange(1024L, long.MaxValue)]
    public long? BandwidthLimit { get; set; }

    /// <summary>Processor that each pod asks for.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string CpuRequest { get; set; } = new PodResources().CpuRequest;

    /// <summary>The most processor of each pod; no limit when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CpuLimit { get; set; }

    /// <summary>Memory that each pod asks for.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string MemoryRequest { get; set; } = new PodResources().MemoryRequest;

    /// <summary>The most memory of each pod.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string MemoryLimit { get; set; } = new PodResources().MemoryLimit;

    /// <summary>The numeric user of the pods, not root; that of the pod that uses the claim when left out, and with -Source the first of the namespace's range (OpenShift).</summary>
    [Parameter]
    [ValidateRange(1L, uint.MaxValue)]
    public long? RunAsUser { get; set; }

    /// <summary>The group of the volume; that of the pod that uses the claim when left out, and with -Source the first of the namespace's range (OpenShift).</summary>
    [Parameter]
    [ValidateRange(0L, uint.MaxValue)]
    public long? FSGroup { get; set; }

    /// <summary>More groups; those of the pod that uses the claim when left out.</summary>
    [Parameter]
    public long[]? SupplementalGroup { get; set; }

    /// <summary>The security context constraint for the pods (OpenShift); the cluster chooses when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? RequiredScc { get; set; }

    /// <summary>The ServiceAccount of the pods; its token is never mounted.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ServiceAccount { get; set; }

    /// <summary>TCP ports that pods may reach besides those that the store names.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int[] EgressPort { get; set; } = [];

    /// <inheritdoc />
    protected override void ProcessRecord()
    {
        PlannedSync? plan = null;
        var planned = Run(async (client, output, cancellationToken) =>
        {
            plan = await new SyncPlanning(client, Time).PlanAsync(Request(SyncPlace.Namespace(Namespace, client.Cluster)), cancellationToken);
            foreach (var warning in plan.Warnings)
                output.Warn(warning);
        });
        if (planned && plan is not null && ShouldProcess(plan.Description, null, null))
            Run(async (client, output, cancellationToken) => await output.WriteAsync(await new SyncStart(client, Time).StartAsync(plan, cancellationToken), cancellationToken));
    }

    private SyncJobRequest Request(string @namespace) => new()
    {
        Name = Name,
        Namespace = @namespace,
        Direction = Source is null ? SyncDirection.FromClaim : SyncDirection.ToClaim,
        Claim = Claim,
        ClaimPath = ClaimPath,
        Store = Source ?? Destination!,
        CredentialSecret = CredentialSecret,
        Image = Image,
        ImagePullSecret = ImagePullSecret,
        Options = new SyncOptions { Repositories = Repository, Tags = Tag, NewestTags = NewestTags, MaxConcurrency = MaxConcurrency, MemoryBudget = MemoryBudget, BytesPerSecond = BandwidthLimit },
        Shards = Shards,
        Parallelism = Parallelism ?? Shards,
        Retries = Retries,
        KeepFor = KeepFor,
        Identity = new PodIdentity { RunAsUser = RunAsUser, FSGroup = FSGroup, SupplementalGroups = SupplementalGroup, RequiredScc = RequiredScc, ServiceAccount = ServiceAccount },
        Resources = new PodResources { CpuRequest = CpuRequest, CpuLimit = CpuLimit, MemoryRequest = MemoryRequest, MemoryLimit = MemoryLimit },
        EgressPorts = EgressPort,
    };
}
