namespace RegistryMigration.Clusters.OpenShift.Changes;

/// <summary>What to change of the registry's configuration. Null leaves a setting as it is; an empty text, list or dictionary removes it.</summary>
public sealed record RegistrySettings
{
    /// <summary>Managed, Unmanaged or Removed.</summary>
    public string? ManagementState { get; init; }

    /// <summary>Managed or Unmanaged: whether the operator owns the storage and may delete it.</summary>
    public string? StorageManagementState { get; init; }

    /// <summary>Pods; 0 stops the registry and keeps everything.</summary>
    public int? Replicas { get; init; }

    /// <summary>RollingUpdate or Recreate.</summary>
    public string? RolloutStrategy { get; init; }

    /// <summary>The proxy for http.</summary>
    public string? ProxyHttp { get; init; }

    /// <summary>The proxy for https.</summary>
    public string? ProxyHttps { get; init; }

    /// <summary>Hosts that need no proxy, by commas.</summary>
    public string? NoProxy { get; init; }

    /// <summary>Limits of reads.</summary>
    public RequestLimitSettings Read { get; init; } = new();

    /// <summary>Limits of writes.</summary>
    public RequestLimitSettings Write { get; init; } = new();

    /// <summary>Whether there is a default route.</summary>
    public bool? DefaultRoute { get; init; }

    /// <summary>Custom routes to add, or to replace by name.</summary>
    public IReadOnlyList<CustomRoute> Routes { get; init; } = [];

    /// <summary>Custom routes to take away, by name.</summary>
    public IReadOnlyList<string> RemovedRoutes { get; init; } = [];

    /// <summary>Whether clients get blobs from the registry itself rather than from the object store.</summary>
    public bool? DisableRedirect { get; init; }

    /// <summary>Normal, Debug, Trace or TraceAll.</summary>
    public string? LogLevel { get; init; }

    /// <summary>Normal, Debug, Trace or TraceAll.</summary>
    public string? OperatorLogLevel { get; init; }

    /// <summary>Labels of nodes that pods may run on.</summary>
    public IReadOnlyDictionary<string, string>? NodeSelector { get; init; }

    /// <summary>Taints that pods tolerate.</summary>
    public IReadOnlyList<Toleration>? Tolerations { get; init; }

    /// <summary>Settings of S3 by the names they have in <c>spec.storage.s3</c>; a null value removes one.</summary>
    public IReadOnlyDictionary<string, System.Text.Json.Nodes.JsonNode?> S3 { get; init; } = new Dictionary<string, System.Text.Json.Nodes.JsonNode?>();

    /// <summary>Settings of Swift by the names they have in <c>spec.storage.swift</c>; a null value removes one.</summary>
    public IReadOnlyDictionary<string, System.Text.Json.Nodes.JsonNode?> Swift { get; init; } = new Dictionary<string, System.Text.Json.Nodes.JsonNode?>();

    /// <summary>Let the registry be removed where its storage stays, and let it use another bucket or container without its images.</summary>
    public bool Force { get; init; }
}

/// <summary>Limits of one kind of request; null leaves a limit as it is.</summary>
/// <param name="MaxRunning">At a time in each pod.</param>
/// <param name="MaxInQueue">Waiting in each pod.</param>
/// <param name="MaxWaitInQueue">How long one may wait.</param>
public sealed record RequestLimitSettings(int? MaxRunning = null, int? MaxInQueue = null, TimeSpan? MaxWaitInQueue = null);

/// <summary>A route that the operator makes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Host">Its host name; null lets the router choose.</param>
/// <param name="CertificateSecret">A secret in the registry's namespace with <c>tls.crt</c>, <c>tls.key</c> and optionally <c>tls.cacrt</c>; null uses the router's certificate.</param>
public sealed record CustomRoute(string Name, string? Host, string? CertificateSecret);
