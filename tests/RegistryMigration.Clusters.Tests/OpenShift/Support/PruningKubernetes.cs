using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.OpenShift.Support;

/// <summary>An API server that drops a field that its schema does not know, as those before 1.25 do without a word.</summary>
internal sealed class PruningKubernetes(FakeKubernetes inner, string unknown) : IKubernetesClient
{
    public RegistryCluster Cluster => inner.Cluster;

    public async Task<Resource> PatchAsync(ResourceType type, string? @namespace, string name, Patch patch, WriteOptions options, CancellationToken cancellationToken)
    {
        var kept = (JsonArray)patch.Body.DeepClone();
        foreach (var operation in kept.OfType<JsonObject>())
            Prune(operation["value"]);
        return await inner.PatchAsync(type, @namespace, name, patch with { Body = new JsonArray([.. kept.Where(operation => !((string)operation!["path"]!).EndsWith("/" + unknown, StringComparison.Ordinal)).Select(operation => operation!.DeepClone())]) }, options, cancellationToken);
    }

    public Task<Resource> GetAsync(ResourceType type, string? @namespace, string name, CancellationToken cancellationToken) => inner.GetAsync(type, @namespace, name, cancellationToken);

    public Task<Resource?> FindAsync(ResourceType type, string? @namespace, string name, CancellationToken cancellationToken) => inner.FindAsync(type, @namespace, name, cancellationToken);

    public IAsyncEnumerable<Resource> ListAsync(ResourceType type, string? @namespace, ListOptions options, CancellationToken cancellationToken) => inner.ListAsync(type, @namespace, options, cancellationToken);

    public Task<Resource> CreateAsync(ResourceType type, string? @namespace, JsonObject value, WriteOptions options, CancellationToken cancellationToken) => inner.CreateAsync(type, @namespace, value, options, cancellationToken);

    public Task<Resource> ReplaceAsync(ResourceType type, string? @namespace, JsonObject value, WriteOptions options, CancellationToken cancellationToken) => inner.ReplaceAsync(type, @namespace, value, options, cancellationToken);

    public Task<bool> DeleteAsync(ResourceType type, string? @namespace, string name, DeleteOptions options, CancellationToken cancellationToken) => inner.DeleteAsync(type, @namespace, name, options, cancellationToken);

    public IAsyncEnumerable<WatchEvent> WatchAsync(ResourceType type, string? @namespace, ListOptions options, CancellationToken cancellationToken) => inner.WatchAsync(type, @namespace, options, cancellationToken);

    public IAsyncEnumerable<string> ReadLogAsync(string @namespace, string pod, LogOptions options, CancellationToken cancellationToken) => inner.ReadLogAsync(@namespace, pod, options, cancellationToken);

    public Task<ExecResult> ExecAsync(string @namespace, string pod, ExecOptions options, CancellationToken cancellationToken) => inner.ExecAsync(@namespace, pod, options, cancellationToken);

    public Task<ResourceType?> DiscoverAsync(string group, string plural, CancellationToken cancellationToken) => inner.DiscoverAsync(group, plural, cancellationToken);

    public Task<bool> MayAsync(string verb, ResourceType type, string? @namespace, string? name, CancellationToken cancellationToken) => inner.MayAsync(verb, type, @namespace, name, cancellationToken);

    public void Dispose()
    {
    }

    private void Prune(JsonNode? node)
    {
        if (node is not JsonObject section)
            return;
        section.Remove(unknown);
        foreach (var (_, value) in section.ToList())
            Prune(value);
    }
}
