using System.Text.Json.Nodes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Makes what a Config asks for: storage, Secret, Deployment, routes; and destroys it.</summary>
internal sealed class RegistryResources(KubeApi api, LabState lab)
{
    private const string Owned = "imageregistry.openshift.io";

    /// <summary>Brings everything in line. Changes <paramref name="spec"/> (names and states it decided) and <paramref name="status"/> as it goes.</summary>
    /// <exception cref="OperatorException">What the conditions have to say.</exception>
    public async Task ApplyAsync(JsonObject spec, JsonObject status, Conditions conditions, OperatorModes modes, CancellationToken cancellationToken)
    {
        if (modes.HasFlag(OperatorModes.Degraded))
            throw new OperatorException("unable to complete resource: the lab says so", "VerificationFailed");
        if ((spec["replicas"]?.GetValue<int>() ?? 0) < 0)
            throw new OperatorException("unable to complete resource: replicas must be greater than or equal to 0", "VerificationFailed");
        var wanted = spec["storage"] as JsonObject ?? [];
        spec["storage"] ??= wanted;
        var storage = RegistryStorages.Of(wanted, spec, api, lab);
        await SyncStorageAsync(storage, wanted, status, conditions, cancellationToken);

        var (plain, hidden) = await storage.VariablesAsync(cancellationToken);
        await ApplySecretAsync(hidden, cancellationToken);
        var readOnly = spec["readOnly"]?.GetValue<bool>() == true && !modes.HasFlag(OperatorModes.IgnoreReadOnly);
        await api.ApplyAsync(Names.Deployment, RegistryDeployment.Of(spec, storage, plain, hidden, readOnly), cancellationToken);
        await ApplyRoutesAsync(spec, cancellationToken);
    }

    /// <summary>Removes the Deployment, and **the storage with all images**, where the spec says that the operator manages it.</summary>
    public async Task RemoveAsync(JsonObject spec, JsonObject status, Conditions conditions, CancellationToken cancellationToken)
    {
        await api.DeleteAsync(Names.Deployment, null, cancellationToken);
        await api.DeleteAsync($"{Names.Secrets}/{RegistryDeployment.PrivateConfiguration}", null, cancellationToken);
        await ApplyRoutesAsync([], cancellationToken);
        // Which storage: the status says. Whether: the spec does.
        var was = status["storage"] as JsonObject;
        if (was is null || !was.Any(member => member.Value is JsonObject))
            return;
        if (spec["storage"]?["managementState"]?.GetValue<string>() == "Managed" && spec["storage"] is JsonObject storage && was.Any(member => member.Value is JsonObject && storage[member.Key] is JsonObject))
        {
            await RegistryStorages.Of(storage, spec, api, lab).RemoveAsync(cancellationToken);
            conditions.Set("StorageExists", "False", "Storage Deleted", "The storage has been removed.");
        }
        status["storage"] = new JsonObject();
    }

    private static async Task SyncStorageAsync(IRegistryStorage storage, JsonObject wanted, JsonObject status, Conditions conditions, CancellationToken cancellationToken)
    {
        var changed = !JsonNode.DeepEquals(status["storage"]?[storage.Kind], wanted[storage.Kind]);
        try
        {
            if (changed || !await storage.ExistsAsync(cancellationToken))
            {
                var (reason, message, made) = await storage.CreateAsync(cancellationToken);
                conditions.Set("StorageExists", "True", reason, message);
                if (wanted["managementState"]?.GetValue<string>() is not { Length: > 0 })
                    wanted["managementState"] = made ? "Managed" : "Unmanaged";
            }
            else
            {
                conditions.Set("StorageExists", "True", storage.Kind switch { "pvc" => "PVC Exists", "swift" => "Swift container Exists", _ => "S3 Bucket Exists" }, "");
            }
        }
        catch (OperatorException e) when (e.StorageReason is not null)
        {
            conditions.Set("StorageExists", "False", e.StorageReason, e.Message);
            throw;
        }
        catch (HttpRequestException e)
        {
            conditions.Set("StorageExists", "Unknown", "Unknown error occurred", e.Message);
            throw new OperatorException($"unable to sync storage configuration: {e.Message}");
        }
        var state = wanted["managementState"]!.GetValue<string>();
        status["storage"] = new JsonObject { ["managementState"] = state, [storage.Kind] = wanted[storage.Kind]!.DeepClone() };
        status["storageManaged"] = state == "Managed";
    }

    private async Task ApplySecretAsync(IReadOnlyList<KeyValuePair<string, string>> hidden, CancellationToken cancellationToken)
    {
        var data = new JsonObject();
        foreach (var (name, value) in hidden)
            data[name] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(value));
        var secret = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Secret", ["metadata"] = new JsonObject { ["name"] = RegistryDeployment.PrivateConfiguration, ["namespace"] = Names.Namespace }, ["type"] = "Opaque", ["data"] = data };
        await api.ApplyAsync($"{Names.Secrets}/{RegistryDeployment.PrivateConfiguration}", secret, cancellationToken);
    }

    private async Task ApplyRoutesAsync(JsonObject spec, CancellationToken cancellationToken)
    {
        var wanted = new Dictionary<string, string>(StringComparer.Ordinal);
        if (spec["defaultRoute"]?.GetValue<bool>() == true)
            wanted["default-route"] = $"127.0.0.1:{lab.OpenShift.RegistryPort}";
        foreach (var route in (spec["routes"] as JsonArray ?? []).OfType<JsonObject>())
            wanted[route["name"]!.GetValue<string>()] = route["hostname"]?.GetValue<string>() is { Length: > 0 } host ? host : $"localhost:{lab.OpenShift.RegistryPort}";
        foreach (var route in await api.ListAsync(Names.Routes, cancellationToken))
            if (!wanted.ContainsKey(route.Name) && route.Text("metadata", "annotations", Owned) == "true")
                await api.DeleteAsync($"{Names.Routes}/{route.Name}", null, cancellationToken);
        foreach (var (name, host) in wanted)
        {
            var route = new JsonObject
            {
                ["apiVersion"] = "route.openshift.io/v1",
                ["kind"] = "Route",
                ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = Names.Namespace, ["annotations"] = new JsonObject { [Owned] = "true" } },
                ["spec"] = new JsonObject { ["host"] = host, ["to"] = new JsonObject { ["kind"] = "Service", ["name"] = "image-registry" }, ["tls"] = new JsonObject { ["termination"] = "reencrypt" } },
            };
            var made = await api.ApplyAsync($"{Names.Routes}/{name}", route, cancellationToken);
            if (made.Items("status", "ingress").FirstOrDefault()?["host"]?.GetValue<string>() != host)
                await api.MergeAsync($"{Names.Routes}/{name}/status", new JsonObject { ["status"] = Admitted(host) }, cancellationToken);
        }
    }

    private static JsonObject Admitted(string host) => new()
    {
        ["ingress"] = new JsonArray(new JsonObject { ["host"] = host, ["routerName"] = "default", ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Admitted", ["status"] = "True", ["lastTransitionTime"] = ContainerLog.Now()[..19] + "Z" }) }),
    };
}
