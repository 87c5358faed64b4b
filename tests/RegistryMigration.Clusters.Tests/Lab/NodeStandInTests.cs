using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Lab.Cluster;

namespace RegistryMigration.Clusters.Tests.Lab;

/// <summary>The node stand-in runs pods as a kubelet would, as far as tests depend on it.</summary>
public sealed class NodeStandInTests(KubeLab lab)
{
    // What hangs must not keep the other tests from the cluster.
    private const int Limit = 300_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = Limit)]
    public async Task A_Jobs_pods_get_indexes_volumes_variables_and_leave_words_and_logs()
    {
        await lab.RequireAsync();
        await using var world = await lab.CreateWorldAsync();
        const string Space = "demo";
        await world.Api.CreateAsync($"/api/v1/namespaces/{Space}/secrets", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "given" }, ["stringData"] = new JsonObject { ["word"] = "from-a-secret", ["file"] = "path: /data/in" } }, Cancellation);
        await world.Api.CreateAsync($"/api/v1/namespaces/{Space}/persistentvolumeclaims", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "data" }, ["spec"] = new JsonObject { ["accessModes"] = new JsonArray("ReadWriteOnce"), ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = "1Gi" } } } }, Cancellation);
        const string Script = "echo part $(JOB_COMPLETION_INDEX) says $WORD; cat /given/file; echo; echo $(JOB_COMPLETION_INDEX) > /data/part-$(JOB_COMPLETION_INDEX); echo done > /dev/termination-log";
        var job = Job("indexed", 2, Script);
        var pod = job["spec"]!["template"]!["spec"]!;
        pod["containers"]![0]!["env"] = new JsonArray(new JsonObject { ["name"] = "WORD", ["valueFrom"] = new JsonObject { ["secretKeyRef"] = new JsonObject { ["name"] = "given", ["key"] = "word" } } });
        pod["containers"]![0]!["volumeMounts"] = new JsonArray(new JsonObject { ["name"] = "data", ["mountPath"] = "/data" }, new JsonObject { ["name"] = "given", ["mountPath"] = "/given" });
        pod["volumes"] = new JsonArray(new JsonObject { ["name"] = "data", ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = "data" } }, new JsonObject { ["name"] = "given", ["secret"] = new JsonObject { ["secretName"] = "given" } });
        // Two pods of one ReadWriteOnce claim: on one node.
        pod["nodeSelector"] = new JsonObject { ["kubernetes.io/hostname"] = "worker-1" };
        await world.Api.CreateAsync($"/apis/batch/v1/namespaces/{Space}/jobs", job, Cancellation);
        await UntilAsync(world, $"/apis/batch/v1/namespaces/{Space}/jobs/indexed", found => found.Number("status", "succeeded") == 2);

        Assert.Equal("0\n1\n", File.ReadAllText(Path.Combine(world.Lab.Claims, Space, "data", "part-0")) + File.ReadAllText(Path.Combine(world.Lab.Claims, Space, "data", "part-1")));
        var pods = await world.Api.ListAsync($"/api/v1/namespaces/{Space}/pods?labelSelector=job-name%3Dindexed", Cancellation);
        Assert.Equal(["0", "1"], pods.Select(found => found.Text("metadata", "annotations", "batch.kubernetes.io/job-completion-index")).Order());
        Assert.All(pods, found => Assert.Equal("worker-1", found.Text("spec", "nodeName")));
        Assert.All(pods, found => Assert.Equal("done\n", Terminated(found)["message"]!.GetValue<string>()));
        var log = await LogAsync(pods.First(found => found.Text("metadata", "annotations", "batch.kubernetes.io/job-completion-index") == "1"));
        Assert.Equal($"part 1 says from-a-secret\npath: {Path.Combine(world.Lab.Claims, Space, "data")}/in\n", log);
    }

    [Fact(Timeout = Limit)]
    public async Task A_failed_pod_tells_its_exit_code_and_last_words_and_is_replaced()
    {
        await lab.RequireAsync();
        await using var world = await lab.CreateWorldAsync();
        var job = Job("failing", 1, "echo it broke; exit 3");
        job["spec"]!["backoffLimit"] = 1;
        job["spec"]!["template"]!["spec"]!["containers"]![0]!["terminationMessagePolicy"] = "FallbackToLogsOnError";
        await world.Api.CreateAsync("/apis/batch/v1/namespaces/demo/jobs", job, Cancellation);
        await UntilAsync(world, "/apis/batch/v1/namespaces/demo/jobs/failing", found => found.Number("status", "failed") == 2);
        var pods = await world.Api.ListAsync("/api/v1/namespaces/demo/pods?labelSelector=job-name%3Dfailing", Cancellation);
        Assert.All(pods, found => Assert.Equal((3, "it broke"), (Terminated(found)["exitCode"]!.GetValue<int>(), Terminated(found)["message"]!.GetValue<string>())));
        Assert.All(pods, found => Assert.Equal("0", found.Text("metadata", "annotations", "batch.kubernetes.io/job-completion-index")));
    }

    [Fact(Timeout = Limit)]
    public async Task A_ReadWriteOnce_claim_in_use_keeps_pods_of_other_nodes_waiting()
    {
        await lab.RequireAsync();
        await using var world = await lab.CreateWorldAsync();
        await world.WaitReadyAsync(Cancellation);
        const string Pods = "/api/v1/namespaces/openshift-image-registry/pods";
        var holder = (await world.Api.ListAsync(Pods + "?labelSelector=docker-registry%3Ddefault", Cancellation)).Single();
        var other = holder.Text("spec", "nodeName") == "worker-0" ? "worker-1" : "worker-0";
        await world.Api.CreateAsync(Pods, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "elsewhere" },
            ["spec"] = new JsonObject
            {
                ["nodeSelector"] = new JsonObject { ["kubernetes.io/hostname"] = other },
                ["containers"] = new JsonArray(new JsonObject { ["name"] = "c", ["image"] = "x", ["command"] = new JsonArray("sleep", "600"), ["volumeMounts"] = new JsonArray(new JsonObject { ["name"] = "v", ["mountPath"] = "/v" }) }),
                ["volumes"] = new JsonArray(new JsonObject { ["name"] = "v", ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = "image-registry-storage" } }),
            },
        }, Cancellation);
        Resource? told = null;
        while (told is null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
            told = (await world.Api.ListAsync("/api/v1/namespaces/openshift-image-registry/events", Cancellation)).FirstOrDefault(found => found.Text("reason") == "FailedAttachVolume");
        }
        Assert.Contains("Multi-Attach error", told.Text("message"), StringComparison.Ordinal);
        Assert.Equal("Pending", (await world.Api.GetAsync($"{Pods}/elsewhere", Cancellation)).Text("status", "phase"));
    }

    [Fact(Timeout = Limit)]
    public async Task A_claim_that_is_deleted_loses_its_directory()
    {
        await lab.RequireAsync();
        await using var world = await lab.CreateWorldAsync();
        const string Claims = "/api/v1/namespaces/shop/persistentvolumeclaims";
        await world.Api.CreateAsync(Claims, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "gone" }, ["spec"] = new JsonObject { ["accessModes"] = new JsonArray("ReadWriteOnce"), ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = "1Gi" } } } }, Cancellation);
        await UntilAsync(world, $"{Claims}/gone", found => found.Text("status", "phase") == "Bound");
        var directory = Path.Combine(world.Lab.Claims, "shop", "gone");
        Assert.True(Directory.Exists(directory));
        await world.Api.DeleteAsync($"{Claims}/gone", null, Cancellation);
        while (Directory.Exists(directory))
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
        Assert.Null(await world.Api.FindAsync($"{Claims}/gone", Cancellation));
    }

    [Theory]
    [InlineData("/data", "/x")]
    [InlineData("--source=/data/sub", "--source=/x/sub")]
    [InlineData("file:///data/a", "file:///x/a")]
    [InlineData("/database /old/data /data2", "/database /old/data /data2")]
    public void Mount_paths_are_replaced_where_they_are_whole_names(string text, string expected)
    {
        var paths = new PathMap();
        paths.Add("/data/", "/x");
        Assert.Equal(expected, paths.Replace(text));
    }

    private async Task<string> LogAsync(Resource pod)
    {
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var http = new HttpClient(handler);
        http.DefaultRequestHeaders.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", lab.Cluster.Kube.AdminToken);
        return await http.GetStringAsync(new Uri(lab.Cluster.Kube.Server, $"/api/v1/namespaces/{pod.Namespace}/pods/{pod.Name}/log?follow=true"), Cancellation);
    }

    private static JsonNode Terminated(Resource pod) => pod.At("status", "containerStatuses")![0]!["state"]!["terminated"]!;

    private static JsonObject Job(string name, int completions, string script) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject
        {
            ["completions"] = completions,
            ["parallelism"] = completions,
            ["template"] = new JsonObject
            {
                ["spec"] = new JsonObject
                {
                    ["restartPolicy"] = "Never",
                    ["containers"] = new JsonArray(new JsonObject { ["name"] = "c", ["image"] = "registry.lab/anything", ["command"] = new JsonArray("/bin/sh", "-c"), ["args"] = new JsonArray(script) }),
                },
            },
        },
    };

    private static async Task UntilAsync(RegistryWorld world, string path, Func<Resource, bool> holds)
    {
        while (await world.Api.FindAsync(path, Cancellation) is not { } found || !holds(found))
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
    }
}
