using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Manifests, which lie in the database: endpoints/v2/manifest.py.</summary>
internal sealed class ManifestEndpoint(QuayDatabase database, QuayLocations locations)
{
    private static readonly string[] Images = ["application/vnd.docker.distribution.manifest.v2+json", "application/vnd.oci.image.manifest.v1+json"];
    private static readonly string[] Lists = ["application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.oci.image.index.v1+json"];

    /// <summary>GET and HEAD.</summary>
    public async Task ServeAsync(HttpContext http, string repository, string reference)
    {
        var found = database.Repository(repository) ?? throw QuayError.NameUnknown();
        var isTag = !IsDigest(reference);
        var digest = isTag ? found.Tags.GetValueOrDefault(reference) : reference;
        var manifest = (digest is null ? null : found.Living(digest)) ?? throw QuayError.ManifestUnknown();
        if (isTag)
            (digest, manifest) = Acceptable(http.Request, found, digest!, manifest);
        http.Response.ContentType = manifest.MediaType;
        http.Response.Headers["Docker-Content-Digest"] = digest;
        http.Response.ContentLength = manifest.Content.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.Body.WriteAsync(manifest.Content, http.RequestAborted);
    }

    /// <summary>PUT.</summary>
    public async Task WriteAsync(HttpContext http, string repository, string reference)
    {
        var type = http.Request.ContentType ?? "";
        if (!Images.Contains(type) && !Lists.Contains(type))
            throw QuayError.ManifestInvalid("manifest schema version not supported", 415);
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var content = body.ToArray();
        var digest = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));
        if (IsDigest(reference) && reference != digest)
            throw QuayError.ManifestInvalid("manifest digest mismatch");
        var found = database.Repository(repository) ?? throw QuayError.NameUnknown();
        var children = Lists.Contains(type) ? Children(found, Parse(content)) : [];
        if (children.Count == 0 && Images.Contains(type))
            await CheckAsync(found, Parse(content), http.RequestAborted);
        await database.ChangeAsync(repository, target =>
        {
            target.Manifests[digest] = new QuayManifest(type, content, children, IsDigest(reference) || target.Manifests.GetValueOrDefault(digest)?.Hidden == true);
            if (!IsDigest(reference))
                target.Tags[reference] = digest;
        }, http.RequestAborted);
        http.Response.StatusCode = 201;
        http.Response.Headers["Docker-Content-Digest"] = digest;
        http.Response.Headers.Location = $"/v2/{repository}/manifests/{digest}";
        await http.Response.WriteAsync("OK", http.RequestAborted);
    }

    /// <summary>DELETE: what goes are tags, by name or all of a digest.</summary>
    public async Task DeleteAsync(HttpContext http, string repository, string reference)
    {
        var removed = false;
        var known = await database.ChangeAsync(repository, target =>
        {
            var tags = IsDigest(reference) ? target.Tags.Where(tag => tag.Value == reference).Select(tag => tag.Key).ToList() : target.Tags.ContainsKey(reference) ? [reference] : [];
            foreach (var tag in tags)
                target.Tags.Remove(tag);
            removed = tags.Count > 0;
            if (removed && IsDigest(reference))
                target.Manifests[reference] = target.Manifests[reference] with { Hidden = false };
        }, http.RequestAborted);
        if (!known)
            throw QuayError.NameUnknown();
        if (!removed)
            throw QuayError.ManifestUnknown();
        http.Response.StatusCode = 202;
    }

    /// <summary>Whether a reference is a digest.</summary>
    public static bool IsDigest(string reference) => reference.Contains(':', StringComparison.Ordinal);

    // A type that the client did not ask for becomes another one where it can: of a list the image for amd64 and linux. Quay goes on to make a
    // manifest of schema 1, which nobody reads any more; here that is its error.
    private static (string Digest, QuayManifest Manifest) Acceptable(HttpRequest request, QuayRepository repository, string digest, QuayManifest manifest)
    {
        var accepted = request.Headers.Accept.SelectMany(line => (line ?? "").Split(',')).Select(type => type.Split(';')[0].Trim()).ToHashSet(StringComparer.Ordinal);
        if (accepted.Contains(manifest.MediaType))
            return (digest, manifest);
        foreach (var entry in Lists.Contains(manifest.MediaType) ? Entries(Parse(manifest.Content), "manifests") : [])
            if (entry["platform"]?["architecture"]?.ToString() == "amd64" && entry["platform"]?["os"]?.ToString() == "linux"
                && repository.Manifests.GetValueOrDefault(entry["digest"]!.ToString()) is { } image && accepted.Contains(image.MediaType))
                return (entry["digest"]!.ToString(), image);
        throw QuayError.ManifestUnknown();
    }

    private static List<string> Children(QuayRepository repository, JsonObject list)
    {
        var children = Entries(list, "manifests").Select(entry => entry["digest"]?.ToString() ?? "").ToList();
        return children.Find(child => !repository.Manifests.ContainsKey(child)) is { } missing
            ? throw QuayError.ManifestInvalid($"Manifest list references missing manifest `{missing}`")
            : children;
    }

    // Every blob has to be in the repository; the configuration is read, and so the storage asked.
    private async Task CheckAsync(QuayRepository repository, JsonObject image, CancellationToken cancellationToken)
    {
        if (image["config"]?["digest"]?.ToString() is not { } config || image["layers"] is not JsonArray)
            throw QuayError.ManifestInvalid("failed to parse manifest: manifest data does not match schema");
        foreach (var digest in Entries(image, "layers").Where(layer => layer["urls"] is null).Select(layer => layer["digest"]?.ToString() ?? "").Append(config))
            if (!repository.Blobs.Contains(digest))
                throw QuayError.ManifestInvalid($"Unknown blob `{digest}`");
        var blob = database.Blob(config) ?? throw QuayError.ManifestInvalid($"Unknown blob `{config}`");
        await using var content = await locations[blob.Placements].ReadAsync(BlobEndpoint.Path(config), cancellationToken);
    }

    private static IEnumerable<JsonNode> Entries(JsonObject manifest, string name) => (manifest[name] as JsonArray ?? []).OfType<JsonNode>();

    private static JsonObject Parse(byte[] content)
    {
        try
        {
            return JsonNode.Parse(content) as JsonObject ?? throw QuayError.ManifestInvalid("failed to parse manifest");
        }
        catch (JsonException e)
        {
            throw QuayError.ManifestInvalid($"failed to parse manifest: {e.Message}");
        }
    }
}
