namespace RegistryMigration.Model;

/// <summary>OpenShift's image registry: what its configuration asks for, and what is there.</summary>
public sealed record ImageRegistry
{
    /// <summary>The cluster it is in.</summary>
    public required RegistryCluster Cluster { get; init; }

    /// <summary>The configuration's resource version at the time of reading.</summary>
    public required string ResourceVersion { get; init; }

    /// <summary>The configuration's generation: counts changes of what is asked for.</summary>
    public required long Generation { get; init; }

    /// <summary>The generation that the operator worked on last.</summary>
    public long ObservedGeneration { get; init; }

    /// <summary>The version that runs; null where the operator does not say.</summary>
    public string? Version { get; init; }

    /// <summary>Managed, Unmanaged or Removed.</summary>
    public string? ManagementState { get; init; }

    /// <summary>The storage that is asked for.</summary>
    public required ImageRegistryStorage Storage { get; init; }

    /// <summary>The storage that the operator says it uses.</summary>
    public required ImageRegistryStorage ObservedStorage { get; init; }

    /// <summary>Replicas asked for.</summary>
    public int Replicas { get; init; }

    /// <summary>Replicas that the operator says are ready.</summary>
    public int ReadyReplicas { get; init; }

    /// <summary>RollingUpdate or Recreate; null is the operator's default (RollingUpdate).</summary>
    public string? RolloutStrategy { get; init; }

    /// <summary>Whether writes are to be refused. <see cref="IsReadOnly"/> says whether they are.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Whether the running deployment was started with writes refused and no old pod is left; null where there is no deployment.</summary>
    public bool? IsReadOnly { get; init; }

    /// <summary>Whether clients get blobs from the registry itself rather than from the object store.</summary>
    public bool DisableRedirect { get; init; }

    /// <summary>The proxy of the registry; each null falls back to the cluster's.</summary>
    public RegistryProxy Proxy { get; init; } = new(null, null, null);

    /// <summary>Limits of reads.</summary>
    public RegistryRequestLimits ReadLimits { get; init; } = new(null, null, null);

    /// <summary>Limits of writes.</summary>
    public RegistryRequestLimits WriteLimits { get; init; } = new(null, null, null);

    /// <summary>The registry's log level.</summary>
    public string? LogLevel { get; init; }

    /// <summary>The operator's log level.</summary>
    public string? OperatorLogLevel { get; init; }

    /// <summary>Labels of nodes that pods may run on.</summary>
    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = new Dictionary<string, string>();

    /// <summary>Taints that pods tolerate, as <c>key=value:effect</c>.</summary>
    public IReadOnlyList<string> Tolerations { get; init; } = [];

    /// <summary>The configuration's conditions.</summary>
    public IReadOnlyList<RegistryCondition> Conditions { get; init; } = [];

    /// <summary>The clusteroperator's conditions: a union of the registry's, the node CA daemon's and the pruner's.</summary>
    public IReadOnlyList<RegistryCondition> OperatorConditions { get; init; } = [];

    /// <summary>The deployment; null where there is none.</summary>
    public RegistryDeployment? Deployment { get; init; }

    /// <summary>The claim; null where the storage is no volume.</summary>
    public RegistryVolumeClaim? Claim { get; init; }

    /// <summary>Where storage credentials come from.</summary>
    public RegistryCredentialSource Credentials { get; init; } = new();

    /// <summary>Routes, configured or not.</summary>
    public IReadOnlyList<RegistryRoute> Routes { get; init; } = [];

    /// <summary>The pruner.</summary>
    public RegistryPruner Pruner { get; init; } = new() { Exists = false };

    /// <summary>What the cluster runs on: OpenStack, AWS, None, …</summary>
    public string? Platform { get; init; }

    /// <summary>The infrastructure's name (infraID); the installer finds by it what belongs to the cluster.</summary>
    public string? InfrastructureName { get; init; }

    /// <summary>The cloud's name in <c>clouds.yaml</c> on OpenStack; null elsewhere.</summary>
    public string? CloudName { get; init; }

    /// <summary>The registry's address within the cluster.</summary>
    public string ServiceHost { get; init; } = "";

    /// <summary>What this account may not read; the properties that depend on it are empty.</summary>
    public IReadOnlyList<string> Unread { get; init; } = [];

    /// <summary>The condition of a type; null where the configuration has none.</summary>
    public RegistryCondition? Condition(string type) => Conditions.FirstOrDefault(condition => condition.Type == type);

    /// <summary>The cluster and the storage.</summary>
    public override string ToString() => $"image registry of {Cluster} on {Storage}";
}

/// <summary>The proxy through which the registry talks to its storage and to other registries.</summary>
/// <param name="Http">For http; null is the cluster's.</param>
/// <param name="Https">For https; null is the cluster's.</param>
/// <param name="NoProxy">Hosts that need none, by commas; null is the cluster's.</param>
public sealed record RegistryProxy(string? Http, string? Https, string? NoProxy);

/// <summary>How many requests of a kind the registry takes at a time.</summary>
/// <param name="MaxRunning">At a time in each pod; 0 or null is without limit.</param>
/// <param name="MaxInQueue">Waiting in each pod; 0 or null is none.</param>
/// <param name="MaxWaitInQueue">How long one may wait before it gets 429; 0 or null is without limit.</param>
public sealed record RegistryRequestLimits(int? MaxRunning, int? MaxInQueue, TimeSpan? MaxWaitInQueue);
