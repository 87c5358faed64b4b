namespace RegistryMigration.Model;

/// <summary>What lies in a store.</summary>
public sealed record StoreMeasure
{
    /// <summary>The store.</summary>
    [System.Text.Json.Serialization.JsonConverter(typeof(RegistryStoreJsonConverter))]
    public required RegistryStore Store { get; init; }

    /// <summary>The layout found.</summary>
    public LayoutKind Layout { get; init; }

    /// <summary>The layout's root below the address.</summary>
    public string Root { get; init; } = "";

    /// <summary>Entries in all.</summary>
    public long Entries { get; init; }

    /// <summary>Bytes in all.</summary>
    public long Bytes { get; init; }

    /// <summary>Counts and bytes by kind of entry.</summary>
    public IReadOnlyList<KindMeasure> Kinds { get; init; } = [];

    /// <summary>Counts and bytes by repository.</summary>
    public IReadOnlyList<RepositoryMeasure> Repositories { get; init; } = [];

    /// <summary>Bytes of blobs that a sync would move.</summary>
    public long SyncBytes { get; init; }

    /// <summary>Entries that a sync would look at.</summary>
    public long SyncEntries { get; init; }

    /// <summary>Bytes that repositories refer to, each counted by itself, divided by the bytes stored; 1 means nothing is shared.</summary>
    public double DedupeRatio { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The result as indented JSON.</summary>
    public string ToJson() => System.Text.Json.JsonSerializer.Serialize(this, ModelJson.Default.StoreMeasure);
}

/// <summary>Entries of one kind.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Count">How many.</param>
/// <param name="Bytes">Their bytes.</param>
public sealed record KindMeasure(EntryKind Kind, long Count, long Bytes);

/// <summary>One repository.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Tags">Tags.</param>
/// <param name="Manifests">Manifests.</param>
/// <param name="Blobs">Blobs linked, manifests not included.</param>
/// <param name="Bytes">Bytes of all blobs and manifests linked.</param>
public sealed record RepositoryMeasure(string Name, long Tags, long Manifests, long Blobs, long Bytes);
