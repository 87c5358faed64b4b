namespace RegistryMigration.Model;

/// <summary>How to reach OpenStack Swift: a cloud of clouds.yaml, or the same values given one by one.</summary>
public sealed record SwiftOptions
{
    /// <summary>The name of a cloud in clouds.yaml; null reads <c>OS_CLOUD</c> of <see cref="Environment"/>.</summary>
    public string? Cloud { get; init; }

    /// <summary>The clouds.yaml to read; null looks in the current directory, ~/.config/openstack and /etc/openstack. secure.yaml is read beside it.</summary>
    public string? CloudsFile { get; init; }

    /// <summary>Keystone's v3 address, or tempauth's v1.0 address.</summary>
    public Uri? AuthUrl { get; init; }

    /// <summary>1 for tempauth, 3 for Keystone; null decides by the path of <see cref="AuthUrl"/>.</summary>
    public int? AuthVersion { get; init; }

    /// <summary>User name; for tempauth <c>account:user</c>.</summary>
    public string? UserName { get; init; }

    /// <summary>The user's password or tempauth key.</summary>
    public Secret? Password { get; init; }

    /// <summary>The user's domain by name.</summary>
    public string? UserDomainName { get; init; }

    /// <summary>The user's domain by id.</summary>
    public string? UserDomainId { get; init; }

    /// <summary>The project (tenant) by name.</summary>
    public string? ProjectName { get; init; }

    /// <summary>The project (tenant) by id.</summary>
    public string? ProjectId { get; init; }

    /// <summary>The project's domain by name.</summary>
    public string? ProjectDomainName { get; init; }

    /// <summary>The project's domain by id.</summary>
    public string? ProjectDomainId { get; init; }

    /// <summary>An application credential's id.</summary>
    public string? ApplicationCredentialId { get; init; }

    /// <summary>An application credential's name; needs <see cref="UserName"/> and its domain.</summary>
    public string? ApplicationCredentialName { get; init; }

    /// <summary>The application credential's secret.</summary>
    public Secret? ApplicationCredentialSecret { get; init; }

    /// <summary>A token that was issued already; it can't be renewed, so a long run pauses when it expires.</summary>
    public Secret? Token { get; init; }

    /// <summary>The storage URL to use instead of the catalog's; needed with <see cref="Token"/> where no <see cref="AuthUrl"/> is given.</summary>
    public Uri? StorageUrl { get; init; }

    /// <summary>The region in the catalog; null takes the only one, or the first.</summary>
    public string? Region { get; init; }

    /// <summary>The interface in the catalog: public (default), internal or admin.</summary>
    public string? Interface { get; init; }

    /// <summary>Bytes of one segment of a large object; 20 MiB as docker-registry's driver writes them.</summary>
    public long SegmentSize { get; init; } = 20L << 20;

    /// <summary>Objects larger than this many bytes are written in segments; null for the driver's way: anything above one segment.</summary>
    public long? SegmentThreshold { get; init; }

    /// <summary>Environment variables that may name a cloud or credentials (<c>OS_…</c>). The engine reads no environment by itself.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
