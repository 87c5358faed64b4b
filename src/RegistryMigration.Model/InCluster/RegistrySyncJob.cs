namespace RegistryMigration.Model;

/// <summary>A copy that runs inside a cluster, beside the volume that it reads or writes; it goes on without the session that started it.</summary>
public sealed class RegistrySyncJob
{
    /// <summary>Its name; with the namespace it is found again from anywhere.</summary>
    public required string Name { get; init; }

    /// <summary>The namespace of the claim, in which everything runs.</summary>
    public required string Namespace { get; init; }

    /// <summary>The cluster.</summary>
    public required RegistryCluster Cluster { get; init; }

    /// <summary>How far it is.</summary>
    public RegistrySyncStatus Status { get; init; }

    /// <summary>Which way it goes.</summary>
    public SyncDirection Direction { get; init; }

    /// <summary>The persistent volume claim at one end.</summary>
    public required string Claim { get; init; }

    /// <summary>The directory within the claim that holds the registry's files; null is its root.</summary>
    public string? ClaimPath { get; init; }

    /// <summary>The S3 or Swift store at the other end. Found again by name it has its address only, and no credentials.</summary>
    public required RegistryStore Store { get; init; }

    /// <summary>Where bytes are read.</summary>
    public RegistryStore Source => Direction == SyncDirection.FromClaim ? Volume : Store;

    /// <summary>Where bytes are written.</summary>
    public RegistryStore Destination => Direction == SyncDirection.FromClaim ? Store : Volume;

    /// <summary>Whether filters leave a part of the source out, so that it proves nothing about the whole.</summary>
    public bool IsPartial { get; init; }

    /// <summary>The worker image with its digest.</summary>
    public required string Image { get; init; }

    /// <summary>The parts that the work is cut into.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>Parts that run at a time.</summary>
    public int Parallelism { get; init; } = 1;

    /// <summary>When it was started (UTC).</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>Every part of every phase that was started.</summary>
    public IReadOnlyList<RegistrySyncPart> Parts { get; init; } = [];

    /// <summary>Parts that are done, of the phase under way.</summary>
    public int Succeeded { get; init; }

    /// <summary>Why it failed, and what to do next; null while nothing is wrong.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether nothing more happens by itself.</summary>
    public bool IsFinished => Status is RegistrySyncStatus.Completed or RegistrySyncStatus.Failed;

    private RegistryStore Volume => new(StoreAddress.InClaim(Namespace, Claim, ClaimPath));

    /// <summary>Namespace and name.</summary>
    public override string ToString() => $"{Namespace}/{Name}";
}

/// <summary>Which way a copy in a cluster goes.</summary>
public enum SyncDirection
{
    /// <summary>The claim is read, and mounted read-only.</summary>
    FromClaim,

    /// <summary>The claim is written: the way back.</summary>
    ToClaim,
}

/// <summary>How far a copy in a cluster is.</summary>
public enum RegistrySyncStatus
{
    /// <summary>Blobs are copied; a copy in one part does everything here.</summary>
    Copying,

    /// <summary>All blobs are there. Links begin as soon as somebody waits: Wait-RegistrySync.</summary>
    BlobsCopied,

    /// <summary>Links are copied.</summary>
    CopyingLinks,

    /// <summary>Every part ended well.</summary>
    Completed,

    /// <summary>A part failed for good.</summary>
    Failed,
}

/// <summary>One part of a copy in a cluster.</summary>
/// <param name="Phase">all, blobs or links.</param>
/// <param name="Index">Which part, from 0.</param>
/// <param name="State">How far it is.</param>
/// <param name="Attempts">Pods that were made for it.</param>
/// <param name="Pod">The newest of these pods; null before there is one.</param>
/// <param name="Node">The node it runs on; null before there is one.</param>
public sealed record RegistrySyncPart(string Phase, int Index, RegistrySyncPartState State, int Attempts, string? Pod, string? Node);

/// <summary>How far one part is.</summary>
public enum RegistrySyncPartState
{
    /// <summary>No pod of it runs: it waits for its turn, a node, an image, or the next attempt.</summary>
    Waiting,

    /// <summary>Its pod runs.</summary>
    Running,

    /// <summary>It is done.</summary>
    Succeeded,

    /// <summary>It failed as often as was allowed.</summary>
    Failed,
}
