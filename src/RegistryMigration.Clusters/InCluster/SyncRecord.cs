using System.Text.Json;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>What is known about a copy beside its Jobs: a ConfigMap, by which any session finds it again and goes on with it.</summary>
/// <remarks>It owns the Secret, the NetworkPolicy and the Jobs of the first phase. The Jobs of the last phase own it: when these are removed after their time, all of it is.</remarks>
internal sealed record SyncRecord
{
    private const string SyncKey = "sync.json";
    private const string JobsKey = "next-jobs.json";
    private const int Version = 2;

    public required string Name { get; init; }

    public required string Namespace { get; init; }

    public required SyncDirection Direction { get; init; }

    public required string Claim { get; init; }

    public string? ClaimPath { get; init; }

    /// <summary>Address, layout and root; never credentials.</summary>
    public required RegistryStore Store { get; init; }

    public required string Image { get; init; }

    public required int Shards { get; init; }

    public required int Parallelism { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The phases in order with the names of their Jobs.</summary>
    public required IReadOnlyList<SyncPhaseJobs> Phases { get; init; }

    /// <summary>Jobs of the second phase as they are to be made; empty where one phase does everything.</summary>
    public IReadOnlyList<JsonObject> NextJobs { get; init; } = [];

    /// <summary>Whether filters leave a part of the source out.</summary>
    public bool IsPartial { get; init; }

    /// <summary>The Secret that was made for the copy; null where none was.</summary>
    public string? Secret { get; init; }

    /// <summary>TCP ports that the policy allows; for messages.</summary>
    public IReadOnlyList<int> EgressPorts { get; init; } = [];

    /// <summary>The ConfigMap's uid; null before it is made.</summary>
    public string? Uid { get; init; }

    /// <summary>Reads one.</summary>
    /// <exception cref="ClusterException">It was written by a newer version, or somebody edited it.</exception>
    public static SyncRecord Read(Resource map)
    {
        try
        {
            var sync = JsonNode.Parse(map.Text("data", SyncKey) ?? "")!.AsObject();
            if ((int?)sync["version"] != Version)
                throw new ClusterException(ClusterErrorKind.Configuration, $"{map} in {map.Namespace} was written by another version of this module. Use that version, or remove the copy with kubectl delete configmap,job,secret,networkpolicy -l {SyncNames.SyncLabel}={map.Name}.");
            return new SyncRecord
            {
                Name = map.Name,
                Namespace = map.Namespace!,
                Direction = Enum.Parse<SyncDirection>((string)sync["direction"]!),
                Claim = (string)sync["claim"]!,
                ClaimPath = (string?)sync["claimPath"],
                Store = new RegistryStore((string)sync["store"]!) { Root = (string?)sync["root"], Layout = Enum.TryParse<LayoutKind>((string?)sync["layout"], out var layout) ? layout : null },
                Image = (string)sync["image"]!,
                Shards = (int)sync["shards"]!,
                Parallelism = (int)sync["parallelism"]!,
                StartedAt = DateTimeOffset.Parse((string)sync["startedAt"]!, System.Globalization.CultureInfo.InvariantCulture),
                Phases = [.. sync["phases"]!.AsArray().Select(phase => new SyncPhaseJobs((string)phase!["name"]!, [.. phase["jobs"]!.AsArray().Select(job => (string)job!)]))],
                IsPartial = (bool?)sync["partial"] ?? false,
                Secret = (string?)sync["secret"],
                EgressPorts = [.. sync["egressPorts"]!.AsArray().Select(port => (int)port!)],
                NextJobs = map.Text("data", JobsKey) is { } jobs ? [.. JsonNode.Parse(jobs)!.AsArray().Select(job => job!.AsObject())] : [],
                Uid = map.Uid,
            };
        }
        catch (Exception e) when (e is JsonException or NullReferenceException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new ClusterException(ClusterErrorKind.Configuration, $"{map} in {map.Namespace} can't be read: somebody changed it. Remove the copy with kubectl delete configmap,job,secret,networkpolicy -l {SyncNames.SyncLabel}={map.Name}, and start it again: what is at the destination is not copied again.", e);
        }
    }

    /// <summary>The ConfigMap to make.</summary>
    public JsonObject Manifest()
    {
        var sync = new JsonObject
        {
            ["version"] = Version,
            ["direction"] = Direction.ToString(),
            ["claim"] = Claim,
            ["claimPath"] = ClaimPath,
            ["store"] = Store.Address.ToString(),
            ["root"] = Store.Root,
            ["layout"] = Store.Layout?.ToString(),
            ["image"] = Image,
            ["shards"] = Shards,
            ["parallelism"] = Parallelism,
            ["startedAt"] = StartedAt.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
            ["phases"] = new JsonArray([.. Phases.Select(phase => new JsonObject { ["name"] = phase.Name, ["jobs"] = new JsonArray([.. phase.Jobs.Select(job => (JsonNode)job)]) })]),
            ["partial"] = IsPartial,
            ["secret"] = Secret,
            ["egressPorts"] = new JsonArray([.. EgressPorts.Select(port => (JsonNode)port)]),
        };
        var data = new JsonObject { [SyncKey] = sync.ToJsonString() };
        if (NextJobs.Count > 0)
            data[JobsKey] = new JsonArray([.. NextJobs.Select(job => job.DeepClone())]).ToJsonString();
        return new JsonObject { ["metadata"] = new JsonObject { ["name"] = Name, ["labels"] = PodManifest.Labels(Name) }, ["data"] = data };
    }

    /// <summary>What belongs to the record says so; without blockOwnerDeletion, which needs rights on finalizers.</summary>
    public JsonArray AsOwner() => [new JsonObject { ["apiVersion"] = ResourceTypes.ConfigMaps.ApiVersion, ["kind"] = ResourceTypes.ConfigMaps.Kind, ["name"] = Name, ["uid"] = Uid }];
}

/// <summary>A phase and its Jobs: one Indexed Job, or one Job for each part.</summary>
/// <param name="Name">all, blobs or links.</param>
/// <param name="Jobs">Their names; by part where there are several.</param>
internal sealed record SyncPhaseJobs(string Name, IReadOnlyList<string> Jobs);
