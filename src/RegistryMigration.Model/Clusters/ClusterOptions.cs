namespace RegistryMigration.Model;

/// <summary>How to find a cluster and log in: a kubeconfig as kubectl reads it, the service account of a pod, or a server and a token.</summary>
public sealed record ClusterOptions
{
    /// <summary>kubeconfig files, merged as kubectl does: the first that sets a value wins. Empty reads <c>KUBECONFIG</c> of <see cref="Environment"/>, then <c>~/.kube/config</c>.</summary>
    public IReadOnlyList<string> KubeConfig { get; init; } = [];

    /// <summary>The context to use; null is the file's current one.</summary>
    public string? Context { get; init; }

    /// <summary>The namespace for what names none; null is the context's.</summary>
    public string? Namespace { get; init; }

    /// <summary>An API server to use without a kubeconfig.</summary>
    public Uri? Server { get; init; }

    /// <summary>A bearer token; wins over what the kubeconfig says.</summary>
    public Secret? Token { get; init; }

    /// <summary>Use the service account of the pod that this runs in.</summary>
    public bool InCluster { get; init; }

    /// <summary>Whom to trust; what is left out comes from the kubeconfig.</summary>
    public TlsOptions Tls { get; init; } = new();

    /// <summary>How long one request may take that is neither a watch nor a log; a server that keeps silent for longer is given up.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Environment variables that name files and proxies, and that exec plugins inherit. The engine reads no environment by itself.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
