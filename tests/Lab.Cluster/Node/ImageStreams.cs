using System.Net;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Image and ImageStream of what was pushed. OpenShift's API server makes them when the registry tells of a push.</summary>
internal sealed class ImageStreams(KubeApi api, string registry)
{
    /// <summary>Records a manifest, and a tag where it was pushed by one.</summary>
    public async Task RecordAsync(string @namespace, string name, string reference, string digest, CancellationToken cancellationToken)
    {
        var repository = $"{registry}/{@namespace}/{name}";
        // A custom resource can't be named sha256:…, as OpenShift's images are.
        await CreateAsync("/apis/image.openshift.io/v1/images", new JsonObject
        {
            ["apiVersion"] = "image.openshift.io/v1",
            ["kind"] = "Image",
            ["metadata"] = new JsonObject { ["name"] = digest.Replace(':', '-'), ["annotations"] = new JsonObject { ["image.openshift.io/dockerLayersOrder"] = "ascending" } },
            ["dockerImageReference"] = $"{repository}@{digest}",
        }, cancellationToken);
        if (reference.Contains(':', StringComparison.Ordinal))
            return;
        var streams = $"/apis/image.openshift.io/v1/namespaces/{@namespace}/imagestreams";
        await CreateAsync(streams, new JsonObject { ["apiVersion"] = "image.openshift.io/v1", ["kind"] = "ImageStream", ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = new JsonObject { ["lookupPolicy"] = new JsonObject { ["local"] = false } } }, cancellationToken);
        for (var written = false; !written;)
        {
            var stream = await api.GetAsync($"{streams}/{name}", cancellationToken);
            stream.Json["status"] = Status(stream, repository, reference, digest);
            try
            {
                await api.ReplaceAsync($"{streams}/{name}/status", stream.Json, cancellationToken);
                written = true;
            }
            catch (KubeApiException e) when (e.Status == HttpStatusCode.Conflict)
            {
                // Two tags at a time.
            }
        }
    }

    private static JsonObject Status(Resource stream, string repository, string tag, string digest)
    {
        var tags = new JsonArray([.. stream.Items("status", "tags").Where(known => known["tag"]?.GetValue<string>() != tag).Select(known => known.DeepClone())]);
        var earlier = stream.Items("status", "tags").FirstOrDefault(known => known["tag"]?.GetValue<string>() == tag)?["items"] as JsonArray ?? [];
        var items = new JsonArray(new JsonObject { ["created"] = ContainerLog.Now()[..19] + "Z", ["dockerImageReference"] = $"{repository}@{digest}", ["image"] = digest, ["generation"] = 1 });
        foreach (var item in earlier.OfType<JsonObject>().Where(item => item["image"]?.GetValue<string>() != digest))
            items.Add(item.DeepClone());
        tags.Add(new JsonObject { ["tag"] = tag, ["items"] = items });
        return new JsonObject { ["dockerImageRepository"] = repository, ["tags"] = tags };
    }

    private async Task CreateAsync(string collection, JsonObject value, CancellationToken cancellationToken)
    {
        try
        {
            await api.CreateAsync(collection, value, cancellationToken);
        }
        catch (KubeApiException e) when (e.Status == HttpStatusCode.Conflict)
        {
            // It is there.
        }
    }
}
