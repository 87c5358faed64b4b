using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Configuration;

/// <summary>Where a cluster is, whom to trust, and how to log in: everything resolved, nothing asked yet.</summary>
internal sealed record ClusterSettings
{
    /// <summary>The API server; may have a path.</summary>
    public required Uri Server { get; init; }

    /// <summary>The kubeconfig's context; null where there is no kubeconfig.</summary>
    public string? Context { get; init; }

    /// <summary>The namespace for what names none.</summary>
    public string? Namespace { get; init; }

    /// <summary>Where the credentials come from, for messages: <c>user 'x' of /home/me/.kube/config</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Trust anybody.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>The authorities to trust, as PEM; null is the system's.</summary>
    public string? Authorities { get; init; }

    /// <summary>Where <see cref="Authorities"/> come from, for messages.</summary>
    public string AuthoritiesSource { get; init; } = "The certificate authority";

    /// <summary>Whether nobody but <see cref="Authorities"/> is trusted: a kubeconfig means it so.</summary>
    public bool OnlyAuthorities { get; init; }

    /// <summary>The name that the server's certificate is for, where it is not the address's.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>The proxy (http, https, socks5); null is the environment's.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>Who we are.</summary>
    public UserSettings User { get; init; } = new();

    /// <summary>What messages call the cluster: context and address, or the address.</summary>
    public string Name => Context is null ? Server.AbsoluteUri.TrimEnd('/') : $"'{Context}' ({Server.AbsoluteUri.TrimEnd('/')})";
}

/// <summary>The ways to say who we are; at most one of token, password and exec, with or without a client certificate.</summary>
internal sealed record UserSettings
{
    /// <summary>A bearer token.</summary>
    public Secret? Token { get; init; }

    /// <summary>A file with the token, which is read again since it is renewed in place.</summary>
    public string? TokenFile { get; init; }

    /// <summary>User of Basic authentication.</summary>
    public string? UserName { get; init; }

    /// <summary>Password of Basic authentication.</summary>
    public Secret? Password { get; init; }

    /// <summary>The client certificate with its chain, as PEM.</summary>
    public string? Certificate { get; init; }

    /// <summary>The key of <see cref="Certificate"/>, as PEM.</summary>
    public Secret? Key { get; init; }

    /// <summary>A program that gives the credentials.</summary>
    public ExecSettings? Exec { get; init; }

    /// <summary>Headers that ask the server to treat us as somebody else (<c>as</c>, <c>as-groups</c>, …).</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Impersonation { get; init; } = [];

    /// <summary>Whether there is anything that must not be sent in the clear.</summary>
    public bool HasSecrets => Token is not null || TokenFile is not null || Password is not null || Exec is not null;
}

/// <summary>A program that gives credentials (client.authentication.k8s.io).</summary>
internal sealed record ExecSettings
{
    /// <summary>The program: a name that is looked up in PATH, or a path.</summary>
    public required string Command { get; init; }

    /// <summary>Its arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Variables besides those of <see cref="Environment"/>; values may be secret.</summary>
    public IReadOnlyList<KeyValuePair<string, Secret>> Variables { get; init; } = [];

    /// <summary>The environment that it inherits.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The version that it speaks.</summary>
    public required string ApiVersion { get; init; }

    /// <summary>What the kubeconfig says about how to install it.</summary>
    public string? InstallHint { get; init; }

    /// <summary><c>spec</c> of KUBERNETES_EXEC_INFO: the cluster, where it wants to know it.</summary>
    public required System.Text.Json.Nodes.JsonObject Information { get; init; }
}
