using System.Text.Json.Nodes;
using RegistryMigration.Clusters.InCluster;
using RegistryMigration.Clusters.Tests.Lab;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.InCluster;

/// <summary>docs/rbac/module.yaml grants what a copy needs and no more, by a real API server's own judgement.</summary>
public sealed class RightsTests(KubeLab lab)
{
    private const string Namespace = CopyLab.Namespace;

    // Needed only where something goes wrong, or with -CredentialSecret; or only tells more: a copy does without.
    private static readonly string[] NotForEveryCopy = ["secrets get", "jobs get", "events list", "pods/log get"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_manifest_is_enough_for_a_copy_and_every_verb_of_it_is_needed()
    {
        await using var space = await CopyLab.StartAsync(lab);
        var rules = Role("registry-migration-copy")["rules"]!.AsArray();
        await GrantAsync(space, rules);
        Assert.Null(await TryAsync(space, "granted"));

        foreach (var (rule, resource, verb) in Verbs(rules))
        {
            if (NotForEveryCopy.Contains($"{resource} {verb}"))
                continue;
            var reduced = rules.DeepClone().AsArray();
            var less = reduced[rule]!["verbs"]!.AsArray();
            less.RemoveAt(less.Select(item => (string)item!).ToList().IndexOf(verb));
            // The other resources of the rule keep the verb.
            var others = reduced[rule]!["resources"]!.AsArray().Select(item => (string)item!).Where(other => other != resource).ToList();
            if (others.Count > 0)
                reduced.Add(new JsonObject { ["apiGroups"] = reduced[rule]!["apiGroups"]!.DeepClone(), ["resources"] = new JsonArray([.. others.Select(other => (JsonNode)other)]), ["verbs"] = new JsonArray(verb) });
            if (less.Count == 0)
                reduced.RemoveAt(rule);
            await GrantAsync(space, reduced);
            var refused = await TryAsync(space, $"without-{verb}");
            Assert.True(refused?.Kind == ClusterErrorKind.Denied, $"Without {verb} on {resource}: {refused?.Message ?? "nothing was refused"}");
            Assert.Contains(verb, refused!.Message, StringComparison.Ordinal);
            Assert.Contains(resource, refused.Message, StringComparison.Ordinal);
            await TidyAsync(space);
        }
    }

    [Fact]
    public void The_worker_may_do_nothing()
    {
        var account = Assert.Single(RbacManifests.Read("worker.yaml"));
        Assert.Equal("ServiceAccount", (string?)account["kind"]);
        Assert.Equal("false", (string?)account["automountServiceAccountToken"]);
    }

    // A copy whose pod never runs needs the same rights.
    private static async Task<ClusterException?> TryAsync(CopyLab space, string name)
    {
        using var client = await space.ConnectAsync("limited");
        var request = new SyncJobRequest
        {
            Name = name,
            Namespace = Namespace,
            Claim = CopyLab.Claim,
            Image = "missing.invalid/worker@sha256:" + new string('a', 64),
            Store = new RegistryStore("swift://anywhere") { Swift = new SwiftOptions { AuthUrl = new Uri("http://127.0.0.1:9/auth/v1.0"), UserName = "a:b", Password = new Secret("c") } },
        };
        try
        {
            await new SyncStart(client, TimeProvider.System).StartAsync(await new SyncPlanning(client, TimeProvider.System).PlanAsync(request, Cancellation), Cancellation);
            await Assert.ThrowsAsync<ClusterException>(() => new SyncWait(client, TimeProvider.System).WaitAsync(Namespace, name, Cancellation));
            Assert.True(await new SyncRemoval(client, TimeProvider.System).RemoveAsync(Namespace, name, waitForPods: true, Cancellation));
            // The way back needs to know more before it begins, and the same afterwards.
            await new SyncPlanning(client, TimeProvider.System).PlanAsync(request with { Direction = SyncDirection.ToClaim, Claim = CopyLab.FreeClaim, Identity = new PodIdentity { RunAsUser = 7 } }, Cancellation);
            return null;
        }
        catch (ClusterException e)
        {
            return e;
        }
    }

    // What a run without enough rights could not remove.
    private static async Task TidyAsync(CopyLab space)
    {
        using var admin = await space.ConnectAsync();
        await foreach (var copy in new SyncCatalog(admin).ListAsync(Namespace, Cancellation))
            await new SyncRemoval(admin, TimeProvider.System).RemoveAsync(Namespace, copy.Name, waitForPods: true, Cancellation);
    }

    private static async Task GrantAsync(CopyLab space, JsonArray rules)
    {
        const string Path = $"/apis/rbac.authorization.k8s.io/v1/namespaces/{Namespace}";
        await space.Api.ApplyAsync($"{Path}/roles/copy-limited", new JsonObject { ["apiVersion"] = "rbac.authorization.k8s.io/v1", ["kind"] = "Role", ["metadata"] = new JsonObject { ["name"] = "copy-limited" }, ["rules"] = rules.DeepClone() }, Cancellation);
        await space.Api.ApplyAsync($"{Path}/rolebindings/copy-limited", new JsonObject
        {
            ["apiVersion"] = "rbac.authorization.k8s.io/v1",
            ["kind"] = "RoleBinding",
            ["metadata"] = new JsonObject { ["name"] = "copy-limited" },
            ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "Role", ["name"] = "copy-limited" },
            ["subjects"] = new JsonArray(new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "User", ["name"] = "limited" }),
        }, Cancellation);
    }

    private static IEnumerable<(int Rule, string Resource, string Verb)> Verbs(JsonArray rules) =>
        from index in Enumerable.Range(0, rules.Count)
        from resource in rules[index]!["resources"]!.AsArray()
        from verb in rules[index]!["verbs"]!.AsArray()
        select (index, (string)resource!, (string)verb!);

    private static JsonObject Role(string name) => RbacManifests.Read("module.yaml").Single(document => (string?)document["kind"] == "Role" && (string?)document["metadata"]!["name"] == name);
}
