using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes;

/// <summary>A cluster's API, by resource type and not by class: whatever a cluster serves can be read and changed through it.</summary>
/// <remarks>
/// Every method throws <see cref="ClusterException"/> with the API's own reason and message, and the verb and resource that were asked for.
/// What is safe to send again (reads, and writes that the server can't have applied) is retried within; a conflict never is.
/// </remarks>
public interface IKubernetesClient : IDisposable
{
    /// <summary>Where this client is connected, and as whom.</summary>
    RegistryCluster Cluster { get; }

    /// <summary>The object.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.NotFound"/>, <see cref="ClusterErrorKind.NotServed"/>, …</exception>
    Task<Resource> GetAsync(ResourceType type, string? @namespace, string name, CancellationToken cancellationToken);

    /// <summary>The object, or null where there is none of that name. A type that is not served is an error nevertheless.</summary>
    Task<Resource?> FindAsync(ResourceType type, string? @namespace, string name, CancellationToken cancellationToken);

    /// <summary>All objects of a type, page by page; a page that expired (410) starts the list again from a consistent state.</summary>
    /// <param name="type">The type.</param>
    /// <param name="namespace">The namespace; null is all of them.</param>
    /// <param name="options">Selectors and page size.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    IAsyncEnumerable<Resource> ListAsync(ResourceType type, string? @namespace, ListOptions options, CancellationToken cancellationToken);

    /// <summary>Creates an object; <c>apiVersion</c> and <c>kind</c> may be left out.</summary>
    Task<Resource> CreateAsync(ResourceType type, string? @namespace, JsonObject value, WriteOptions options, CancellationToken cancellationToken);

    /// <summary>Replaces an object; refused (409) when <c>metadata.resourceVersion</c> is given and stale.</summary>
    Task<Resource> ReplaceAsync(ResourceType type, string? @namespace, JsonObject value, WriteOptions options, CancellationToken cancellationToken);

    /// <summary>Changes parts of an object, or of a subresource such as <c>status</c>.</summary>
    Task<Resource> PatchAsync(ResourceType type, string? @namespace, string name, Patch patch, WriteOptions options, CancellationToken cancellationToken);

    /// <summary>Deletes an object; false where there was none.</summary>
    Task<bool> DeleteAsync(ResourceType type, string? @namespace, string name, DeleteOptions options, CancellationToken cancellationToken);

    /// <summary>First the objects that are there (<see cref="WatchEventKind.Added"/>, then one <see cref="WatchEventKind.Synced"/>), then every change until cancelled.</summary>
    /// <remarks>Resumes by itself after a cut connection (bookmarks); after 410 it lists again and tells of what is gone as deleted.</remarks>
    IAsyncEnumerable<WatchEvent> WatchAsync(ResourceType type, string? @namespace, ListOptions options, CancellationToken cancellationToken);

    /// <summary>Lines of a container's log.</summary>
    IAsyncEnumerable<string> ReadLogAsync(string @namespace, string pod, LogOptions options, CancellationToken cancellationToken);

    /// <summary>Runs a command in a container.</summary>
    Task<ExecResult> ExecAsync(string @namespace, string pod, ExecOptions options, CancellationToken cancellationToken);

    /// <summary>The type as the cluster serves it (any version of the group), or null where it does not.</summary>
    Task<ResourceType?> DiscoverAsync(string group, string plural, CancellationToken cancellationToken);

    /// <summary>Whether this account may do something (SelfSubjectAccessReview).</summary>
    /// <param name="verb">get, list, create, patch, delete, …</param>
    /// <param name="type">The type.</param>
    /// <param name="namespace">The namespace; null is cluster-wide.</param>
    /// <param name="name">One object; null is any.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    Task<bool> MayAsync(string verb, ResourceType type, string? @namespace, string? name, CancellationToken cancellationToken);
}
