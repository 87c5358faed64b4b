using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Tests.Support;
using RegistryMigration.Engine.Tests.Registries.StandIns;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Tests.Kubernetes.Requests;

public sealed class ErrorTests
{
    private static readonly ResourceType Configs = new("imageregistry.operator.openshift.io", "v1", "configs", "Config", Namespaced: false);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_missing_right_is_named_with_verb_resource_and_account()
    {
        var error = await FailAsync(ApiServer.Refuse(403, "Forbidden", """configs.imageregistry.operator.openshift.io "cluster" is forbidden: User "system:serviceaccount:x:y" cannot patch resource "configs" in API group "imageregistry.operator.openshift.io" at the cluster scope""", "cluster", "configs"),
            client => client.PatchAsync(Configs, null, "cluster", Patch.Merge([]), WriteOptions.Default, Token));
        Assert.Equal((ClusterErrorKind.Denied, 403, "Forbidden"), (error.Kind, error.StatusCode, error.Reason));
        Assert.StartsWith("The account 'system:serviceaccount:x:y' may not patch configs.imageregistry.operator.openshift.io/cluster. Grant it the verb 'patch' on configs.imageregistry.operator.openshift.io (a ClusterRole", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_right_in_a_namespace_names_the_namespace()
    {
        var error = await FailAsync(ApiServer.Refuse(403, "Forbidden", """secrets "a" is forbidden: User "u" cannot get resource "secrets" in API group "" in the namespace "apps" """, "a", "secrets"),
            client => client.GetAsync(ResourceTypes.Secrets, "apps", "a", Token));
        Assert.Equal("The account 'u' may not get secrets/a in apps. Grant it the verb 'get' on secrets in the namespace apps (a Role and a RoleBinding), or use another account.", error.Message);
    }

    [Fact]
    public async Task A_quota_is_no_missing_right()
    {
        var error = await FailAsync(ApiServer.Refuse(403, "Forbidden", """pods "a" is forbidden: exceeded quota: compute, requested: pods=1""", "a", "pods"),
            client => client.CreateAsync(ResourceTypes.Pods, "apps", Named("a"), WriteOptions.Default, Token));
        Assert.Equal("""create pods/a in apps is refused: pods "a" is forbidden: exceeded quota: compute, requested: pods=1.""", error.Message);
    }

    [Fact]
    public async Task Refused_credentials_say_what_to_do_and_not_what_they_are()
    {
        var error = await FailAsync(ApiServer.Refuse(401, "Unauthorized", "Unauthorized"), client => client.GetAsync(ResourceTypes.Secrets, "apps", "a", Token));
        Assert.Equal(ClusterErrorKind.Unauthenticated, error.Kind);
        Assert.Contains("expired or invalid: log in again", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("t0ken", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_that_is_not_there_differs_from_a_type_that_is_not_served()
    {
        var missing = ApiServer.Refuse(404, "NotFound", """configmaps "a" not found""", "a", "configmaps");
        Assert.Equal(ClusterErrorKind.NotFound, (await FailAsync(missing, client => client.GetAsync(ResourceTypes.ConfigMaps, "apps", "a", Token))).Kind);
        Assert.Null(await AskAsync(missing, client => client.FindAsync(ResourceTypes.ConfigMaps, "apps", "a", Token)));
        Assert.False(await AskAsync(missing, client => client.DeleteAsync(ResourceTypes.ConfigMaps, "apps", "a", DeleteOptions.Default, Token)));

        var unserved = new StandInResponse(404, "404 page not found\n"u8.ToArray(), ("Content-Type", "text/plain"));
        var error = await FailAsync(unserved, client => client.FindAsync(Configs, null, "cluster", Token));
        Assert.Equal(ClusterErrorKind.NotServed, error.Kind);
        Assert.Contains("does not serve configs.imageregistry.operator.openshift.io", error.Message, StringComparison.Ordinal);
        Assert.Equal(ClusterErrorKind.NotServed, (await FailAsync(unserved, client => client.DeleteAsync(Configs, null, "cluster", DeleteOptions.Default, Token))).Kind);
    }

    [Fact]
    public async Task A_missing_namespace_is_named()
    {
        var error = await FailAsync(ApiServer.Refuse(404, "NotFound", """namespaces "apps" not found""", "apps", "namespaces"), client => client.CreateAsync(ResourceTypes.ConfigMaps, "apps", Named("a"), WriteOptions.Default, Token));
        Assert.StartsWith("There is no namespace 'apps'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Conflicts_and_refusals_carry_reason_message_and_causes_and_are_not_sent_again()
    {
        await using var server = new ApiServer(_ => ApiServer.Refuse(409, "Conflict", "the object has been modified", "a", "configmaps"));
        using var client = await server.ConnectAsync();
        var conflict = await Assert.ThrowsAsync<ClusterException>(() => client.ReplaceAsync(ResourceTypes.ConfigMaps, "apps", Named("a"), WriteOptions.Default, Token));
        Assert.Equal((ClusterErrorKind.Conflict, "Conflict", "configmaps/a in apps", 1), (conflict.Kind, conflict.Reason, conflict.Target, server.Requests.Count));

        var invalid = await FailAsync(StandInResponse.Json(422, """{"kind":"Status","code":422,"reason":"Invalid","message":"Config is invalid","details":{"causes":[{"reason":"FieldValueInvalid","message":"must be 1","field":"spec.replicas"}]}}"""),
            client => client.PatchAsync(Configs, null, "cluster", Patch.Merge([]), WriteOptions.Default, Token));
        Assert.Equal((ClusterErrorKind.Invalid, "patch configs.imageregistry.operator.openshift.io/cluster is refused: Config is invalid. spec.replicas: must be 1."), (invalid.Kind, invalid.Message));
    }

    [Fact]
    public async Task What_is_no_api_server_is_said_to_be_none()
    {
        var error = await FailAsync(new StandInResponse(200, "<html>Log in</html>"u8.ToArray()), client => client.GetAsync(ResourceTypes.Secrets, "apps", "a", Token));
        Assert.Contains("is not JSON. Check that this is the address of a Kubernetes API server", error.Message, StringComparison.Ordinal);
        var redirected = await FailAsync(new StandInResponse(302, null, ("Location", "https://console.test/login?token=x")), client => client.GetAsync(ResourceTypes.Secrets, "apps", "a", Token));
        Assert.Contains("redirects to https://console.test.", redirected.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_that_lead_elsewhere_are_refused_before_they_are_sent()
    {
        await using var server = new ApiServer(_ => ApiServer.Json("{}"));
        using var client = await server.ConnectAsync();
        foreach (var name in new[] { "", ".", "..", "a/b", "a%2fb" })
            Assert.Equal(ClusterErrorKind.Invalid, (await Assert.ThrowsAsync<ClusterException>(() => client.GetAsync(ResourceTypes.ConfigMaps, "apps", name, Token))).Kind);
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetAsync(ResourceTypes.ConfigMaps, null, "a", Token));
        Assert.Empty(server.Requests);
    }

    private static JsonObject Named(string name) => new() { ["metadata"] = new JsonObject { ["name"] = name } };

    private static async Task<ClusterException> FailAsync(StandInResponse answer, Func<IKubernetesClient, Task> ask)
    {
        await using var server = new ApiServer(_ => answer);
        using var client = await server.ConnectAsync();
        return await Assert.ThrowsAsync<ClusterException>(() => ask(client));
    }

    private static async Task<T> AskAsync<T>(StandInResponse answer, Func<IKubernetesClient, Task<T>> ask)
    {
        await using var server = new ApiServer(_ => answer);
        using var client = await server.ConnectAsync();
        return await ask(client);
    }
}
