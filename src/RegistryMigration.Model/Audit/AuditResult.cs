namespace RegistryMigration.Model;

/// <summary>How an audit is to look.</summary>
public sealed record AuditOptions
{
    /// <summary>Read and hash every blob instead of trusting names and sizes.</summary>
    public bool Deep { get; init; }

    /// <summary>Repositories to audit, as wildcards; empty for all. Orphans are only told for all.</summary>
    public IReadOnlyList<string> Repositories { get; init; } = [];

    /// <summary>Reads at a time.</summary>
    public int Concurrency { get; init; } = 16;

    /// <summary>Defects kept in the result; all are counted.</summary>
    public int MaxDefects { get; init; } = 10_000;

    /// <summary>How failures that may pass are retried.</summary>
    public RetryOptions Retry { get; init; } = new();

    /// <summary>A read that moves no byte for this long is cut and retried.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>What an audit found.</summary>
public sealed record AuditResult
{
    /// <summary>The store that was audited.</summary>
    [System.Text.Json.Serialization.JsonConverter(typeof(RegistryStoreJsonConverter))]
    public required RegistryStore Store { get; init; }

    /// <summary>Whether no defect was found.</summary>
    public bool IsClean => DefectCount == 0;

    /// <summary>Whether every blob was read and hashed.</summary>
    public bool Deep { get; init; }

    /// <summary>Repositories looked at.</summary>
    public long Repositories { get; init; }

    /// <summary>Tags looked at.</summary>
    public long Tags { get; init; }

    /// <summary>Manifests read.</summary>
    public long Manifests { get; init; }

    /// <summary>Links checked.</summary>
    public long Links { get; init; }

    /// <summary>Blobs seen.</summary>
    public long Blobs { get; init; }

    /// <summary>Bytes of <see cref="Blobs"/>.</summary>
    public long BlobBytes { get; init; }

    /// <summary>Blobs that no repository links to; harmless, garbage collection removes them.</summary>
    public long OrphanBlobs { get; init; }

    /// <summary>Bytes of <see cref="OrphanBlobs"/>.</summary>
    public long OrphanBytes { get; init; }

    /// <summary>Layer links to blobs that are gone and that no manifest needs; harmless, garbage collection leaves them behind.</summary>
    public long StaleLinks { get; init; }

    /// <summary>Layers that are not here by design (foreign layers with their own URLs).</summary>
    public long ForeignLayers { get; init; }

    /// <summary>Bytes read and hashed.</summary>
    public long HashedBytes { get; init; }

    /// <summary>Defects in all, also those beyond what <see cref="Defects"/> keeps.</summary>
    public long DefectCount { get; init; }

    /// <summary>The defects.</summary>
    public IReadOnlyList<StoreDefect> Defects { get; init; } = [];

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The result as indented JSON.</summary>
    public string ToJson() => System.Text.Json.JsonSerializer.Serialize(this, ModelJson.Default.AuditResult);
}

/// <summary>Where an audit is.</summary>
/// <param name="Phase">blobs or repositories.</param>
/// <param name="Done">Blobs seen, or links and manifests checked, so far.</param>
/// <param name="Bytes">Bytes hashed.</param>
/// <param name="Defects">Defects so far.</param>
public sealed record AuditProgress(string Phase, long Done, long Bytes, long Defects);
