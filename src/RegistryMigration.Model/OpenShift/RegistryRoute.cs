namespace RegistryMigration.Model;

/// <summary>A way into the registry from outside the cluster.</summary>
public sealed record RegistryRoute
{
    /// <summary>The route's name; its namespace is the registry's.</summary>
    public required string Name { get; init; }

    /// <summary>The host name, without scheme; null until a router gave one.</summary>
    public string? Host { get; init; }

    /// <summary>Whether it is the default route (<c>spec.defaultRoute</c>).</summary>
    public bool IsDefault { get; init; }

    /// <summary>Whether the registry's configuration asks for it; false for routes that somebody made beside the operator.</summary>
    public bool IsConfigured { get; init; }

    /// <summary>Whether there is a route object.</summary>
    public bool Exists { get; init; }

    /// <summary>Whether every router that knows it admitted it; null where none has said.</summary>
    public bool? Admitted { get; init; }

    /// <summary>Why it was not admitted; null where it was.</summary>
    public string? Message { get; init; }

    /// <summary>Where TLS ends: reencrypt, edge or passthrough.</summary>
    public string? Termination { get; init; }

    /// <summary>The secret with its certificate; null uses the router's own.</summary>
    public string? CertificateSecret { get; init; }

    /// <summary>The address as <c>-Registry</c> of other cmdlets takes it: <c>https://host</c>; null until a router gave a host.</summary>
    public string? Registry => Host is null ? null : $"https://{Host}";

    /// <summary>The host, else the name.</summary>
    public override string ToString() => Host ?? Name;
}
