namespace RegistryMigration.Model;

/// <summary>A Kubernetes API endpoint and who we are there. Holds no connection, and no secret that prints.</summary>
public sealed class RegistryCluster
{
    /// <summary>The API server.</summary>
    public required Uri Server { get; init; }

    /// <summary>The context of the kubeconfig it came from; null where it came from elsewhere.</summary>
    public string? Context { get; init; }

    /// <summary>The namespace for what names none; null where nothing says so.</summary>
    public string? Namespace { get; init; }

    /// <summary>Who the API server says we are; null where it can't be asked.</summary>
    public string? UserName { get; init; }

    /// <summary>The server's version, for example <c>v1.29.4</c>.</summary>
    public string? Version { get; init; }

    /// <summary>How to reach it again.</summary>
    public ClusterOptions Options { get; init; } = new();

    /// <summary>The context, or the server's address.</summary>
    public override string ToString() => Context ?? Server.GetLeftPart(UriPartial.Authority);
}
