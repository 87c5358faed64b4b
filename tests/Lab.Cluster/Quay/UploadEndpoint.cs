using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Uploads of blobs: endpoints/v2/blob.py, data/registry_model/blobuploader.py.</summary>
internal sealed class UploadEndpoint(QuayDatabase database, QuayLocations locations, QuayConfig config, QuayTokens tokens)
{
    /// <summary>Begins an upload, or takes a blob of another repository.</summary>
    public async Task BeginAsync(HttpContext http, string repository)
    {
        var (mount, from) = (http.Request.Query["mount"].ToString(), http.Request.Query["from"].ToString());
        if (mount.Length > 0 && from.Length > 0 && await MountAsync(http, repository, mount, from))
            return;
        var location = locations.Preferred;
        await locations[[location]].ConnectAsync(http.RequestAborted);
        var id = Guid.NewGuid().ToString();
        database.Write(id, new QuayUpload(repository, location, []));
        if (http.Request.Query["digest"].ToString() is { Length: > 0 } digest)
        {
            await AddAsync(http, id, Find(repository, id));
            await CommitAsync(http, repository, id, digest);
            return;
        }
        Accepted(http, repository, id, 0);
    }

    /// <summary>How far an upload is.</summary>
    public void Tell(HttpContext http, string repository, string id)
    {
        var upload = Find(repository, id);
        Accepted(http, repository, id, upload.Chunks.Sum(chunk => chunk.Size));
        http.Response.StatusCode = 204;
    }

    /// <summary>Takes a chunk.</summary>
    public async Task AppendAsync(HttpContext http, string repository, string id) => Accepted(http, repository, id, await AddAsync(http, id, Find(repository, id)));

    /// <summary>Takes the last chunk, which may be empty, and makes a blob of all of them.</summary>
    public async Task CompleteAsync(HttpContext http, string repository, string id)
    {
        if (http.Request.Query["digest"].ToString() is not { Length: > 0 } digest)
            throw QuayError.UploadInvalid();
        var upload = Find(repository, id);
        try
        {
            await AddAsync(http, id, upload);
            await CommitAsync(http, repository, id, digest);
        }
        catch (QuayError)
        {
            await CancelAsync(repository, id, http.RequestAborted);
            throw;
        }
    }

    /// <summary>Forgets an upload.</summary>
    public async Task CancelAsync(string repository, string id, CancellationToken cancellationToken)
    {
        var upload = Find(repository, id);
        foreach (var chunk in upload.Chunks)
            await locations[[upload.Location]].DeleteAsync(chunk.Path, cancellationToken);
        database.Forget(id);
    }

    private QuayUpload Find(string repository, string id)
    {
        if (database.Repository(repository) is null)
            throw QuayError.NameUnknown();
        return database.Upload(id) is { } upload && upload.Repository == repository ? upload : throw QuayError.UploadUnknown();
    }

    private async Task<bool> MountAsync(HttpContext http, string repository, string digest, string from)
    {
        var source = database.Repository(from);
        var space = from.Split('/')[0];
        if (source?.Blobs.Contains(digest) != true || !(source.Public || database.Accounts.May(tokens.Read(http.Request)?.Sub, space, write: false)))
            return false;
        await database.ChangeAsync(repository, target => target.Blobs.Add(digest), http.RequestAborted);
        Created(http, repository, digest);
        return true;
    }

    private async Task<long> AddAsync(HttpContext http, string id, QuayUpload upload)
    {
        var before = upload.Chunks.Sum(chunk => chunk.Size);
        if (http.Request.Headers.ContentRange.ToString() is { Length: > 0 } range
            && (!long.TryParse(range.Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var start) || start != before))
            throw new QuayError("BLOB_UPLOAD_INVALID", "blob upload invalid", 416);
        // A signed request to S3 has to know its length.
        await using var body = new FileStream(Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        if (body.Length == 0)
            return before;
        body.Position = 0;
        var digest = await DigestAsync([body], http.RequestAborted);
        body.Position = 0;
        var driver = locations[[upload.Location]];
        await driver.ConnectAsync(http.RequestAborted);
        var path = driver.ChunkPath(id, upload.Chunks.Count);
        var length = body.Length;
        try
        {
            await driver.WriteAsync(path, body, http.RequestAborted);
        }
        catch (QuayStorageException e)
        {
            await Console.Error.WriteLineAsync($"storage.stream_upload_chunk returned error {e.Message}");
            throw QuayError.UploadInvalid();
        }
        database.Write(id, upload with { Chunks = [.. upload.Chunks, new QuayChunk(path, length, digest)] });
        return before + length;
    }

    private async Task CommitAsync(HttpContext http, string repository, string id, string digest)
    {
        var upload = Find(repository, id);
        var driver = locations[[upload.Location]];
        if (await DigestAsync(driver, upload, http.RequestAborted) != digest)
            throw QuayError.UploadInvalid();
        // What is in the location is not written again (_finalize_blob_storage).
        var path = BlobEndpoint.Path(digest);
        if (!await driver.ExistsAsync(path, http.RequestAborted))
        {
            if (upload.Chunks.Count == 0)
                await driver.WriteAsync(path, Stream.Null, http.RequestAborted);
            else
                await driver.AssembleAsync(id, [.. upload.Chunks.Select(chunk => chunk.Path)], path, http.RequestAborted);
        }
        else
        {
            foreach (var chunk in upload.Chunks)
                await driver.DeleteAsync(chunk.Path, http.RequestAborted);
        }
        var known = database.Blob(digest)?.Placements ?? [];
        database.Write(digest, new QuayBlob(upload.Chunks.Sum(chunk => chunk.Size), [.. known.Append(upload.Location).Distinct()]));
        await database.ChangeAsync(repository, target => target.Blobs.Add(digest), http.RequestAborted);
        database.Forget(id);
        Created(http, repository, digest);
    }

    private static async Task<string> DigestAsync(IStorageDriver driver, QuayUpload upload, CancellationToken cancellationToken)
    {
        if (upload.Chunks.Count == 1)
            return upload.Chunks[0].Digest;
        var parts = new List<Stream>();
        foreach (var chunk in upload.Chunks)
            parts.Add(await driver.ReadAsync(chunk.Path, cancellationToken));
        return await DigestAsync(parts, cancellationToken);
    }

    private static async Task<string> DigestAsync(IReadOnlyList<Stream> parts, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        foreach (var part in parts)
            while (await part.ReadAsync(buffer, cancellationToken) is > 0 and var read)
                hash.AppendData(buffer, 0, read);
        return "sha256:" + Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private void Accepted(HttpContext http, string repository, string id, long bytes)
    {
        http.Response.StatusCode = 202;
        http.Response.Headers["Docker-Upload-UUID"] = id;
        // "0--1" for nothing is what _render_range makes of it.
        http.Response.Headers["Range"] = string.Create(CultureInfo.InvariantCulture, $"0-{bytes - 1}");
        http.Response.Headers.Location = $"{config.Url}/v2/{repository}/blobs/uploads/{id}";
    }

    private void Created(HttpContext http, string repository, string digest)
    {
        http.Response.StatusCode = 201;
        http.Response.Headers["Docker-Content-Digest"] = digest;
        http.Response.Headers.Location = $"{config.Url}/v2/{repository}/blobs/{digest}";
    }
}
