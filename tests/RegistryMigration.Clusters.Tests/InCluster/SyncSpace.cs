using System.Text.Json.Nodes;
using RegistryMigration.Clusters.InCluster;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.InCluster;

/// <summary>A cluster in memory with a registry's claim and the pod that uses it, and what a Job controller would do there.</summary>
internal sealed class SyncSpace
{
    public const string Namespace = "images";
    public const string Claim = "registry-storage";
    public const string Image = "registry.test/tools/registry-migration@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    public const string Password = "correct-horse-battery";

    private int _pods;

    public SyncSpace(string accessMode = "ReadWriteOnce", bool held = true)
    {
        Cluster.Put(ResourceTypes.Claims, Namespace, Claim, $$$"""{"spec":{"accessModes":["{{{accessMode}}}"]},"status":{"phase":"Bound","accessModes":["{{{accessMode}}}"]}}""");
        if (!held)
            return;
        Cluster.Put(ResourceTypes.Pods, Namespace, "image-registry-abc", $$$"""
            {"metadata":{"labels":{"docker-registry":"default"}},
             "spec":{"nodeName":"worker-1","tolerations":[{"key":"infra","operator":"Exists"}],
                     "securityContext":{"fsGroup":1000330000,"supplementalGroups":[5],"seLinuxOptions":{"level":"s0:c18,c12"}},
                     "containers":[{"name":"proxy"},{"name":"registry","securityContext":{"runAsUser":1000330000},"volumeMounts":[{"name":"storage","mountPath":"/registry"}]}],
                     "volumes":[{"name":"storage","persistentVolumeClaim":{"claimName":"{{{Claim}}}"}}]},
             "status":{"phase":"Running"}}
            """);
    }

    public FakeKubernetes Cluster { get; } = new();

    public SkippingTime Time { get; } = new();

    public static RegistryStore Swift { get; } = new("swift://images-new")
    {
        Swift = new SwiftOptions { AuthUrl = new Uri("https://keystone.test:13000/v3"), UserName = "mover", Password = new Secret(Password), ProjectName = "infra", UserDomainName = "Default", ProjectDomainName = "Default" },
    };

    public static SyncJobRequest Request(RegistryStore? store = null) => new() { Name = "copy", Namespace = Namespace, Claim = Claim, Store = store ?? Swift, Image = Image };

    public Task<PlannedSync> PlanAsync(SyncJobRequest request) => new SyncPlanning(Cluster, Time).PlanAsync(request, TestContext.Current.CancellationToken);

    public async Task<RegistrySyncJob> StartAsync(SyncJobRequest request) => await new SyncStart(Cluster, Time).StartAsync(await PlanAsync(request), TestContext.Current.CancellationToken);

    public Task<RegistrySyncJob> GetAsync(string name = "copy") => new SyncCatalog(Cluster).GetAsync(Namespace, name, TestContext.Current.CancellationToken);

    public Task<SyncResult> ReceiveAsync(string name = "copy") => new SyncReceipt(Cluster).ReceiveAsync(Namespace, name, null, TestContext.Current.CancellationToken);

    /// <summary>A Job as it was made.</summary>
    public Resource Job(string name) => Cluster.Peek(ResourceTypes.Jobs, Namespace, name) ?? throw new InvalidOperationException($"There is no Job {name}.");

    /// <summary>Makes a pod of a Job as its controller does.</summary>
    public string Pod(string job, int index, string status, string? log = null)
    {
        var made = Job(job);
        var name = $"{job}-{index}-{_pods++:x4}";
        var labels = made.Section("spec", "template", "metadata", "labels")!.DeepClone();
        Cluster.Put(ResourceTypes.Pods, Namespace, name, new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = labels, ["annotations"] = new JsonObject { [SyncNames.CompletionIndex] = $"{index}" }, ["creationTimestamp"] = $"2026-01-01T00:00:{_pods:00}Z" },
            ["spec"] = new JsonObject { ["nodeName"] = "worker-1", ["containers"] = new JsonArray() },
            ["status"] = JsonNode.Parse(status),
        });
        if (log is not null)
            Cluster.Logs[$"{Namespace}/{name}"] = log.Split('\n');
        return name;
    }

    /// <summary>A pod that did its part.</summary>
    public string Succeed(string job, int index, SyncResult result) => Pod(job, index, Ended("Succeeded", 0, "Completed", Compact(result)));

    /// <summary>Says that a Job is over.</summary>
    public void End(string job, string condition = "Complete", string reason = "") => Cluster.Edit(ResourceTypes.Jobs, Namespace, job, json =>
        json["status"] = new JsonObject { ["conditions"] = new JsonArray(new JsonObject { ["type"] = condition, ["status"] = "True", ["reason"] = reason, ["message"] = "Job has reached the specified backoff limit" }) });

    public static string Ended(string phase, int exitCode, string reason, string? message = null) => new JsonObject
    {
        ["phase"] = phase,
        ["containerStatuses"] = new JsonArray(new JsonObject { ["name"] = "worker", ["state"] = new JsonObject { ["terminated"] = new JsonObject { ["exitCode"] = exitCode, ["reason"] = reason, ["message"] = message } } }),
    }.ToJsonString();

    public static SyncResult Result(long copied, SyncStatus status = SyncStatus.Completed, string phase = "blobs") => new()
    {
        Source = new RegistryStore("/registry"),
        Destination = Swift,
        Status = status,
        StartedAt = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
        Duration = TimeSpan.FromSeconds(copied),
        Copied = copied,
        CopiedBytes = copied * 100,
        Listed = copied + 1,
        Unchanged = 1,
        Phases = [new PhaseResult(phase, TimeSpan.FromSeconds(copied), copied + 1, copied, copied * 100)],
        SourceTraffic = new TrafficResult(copied),
    };

    private static string Compact(SyncResult result) => JsonNode.Parse(result.ToJson())!.ToJsonString();
}
