using System.Net;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores.Swift.Transport;

namespace RegistryMigration.Engine.Stores.Swift.Objects;

/// <summary>Lets the servers copy an object within one account.</summary>
/// <remarks>
/// OpenStack Swift copies what a large object reads as, so the copy is a plain object of its own. Its headers are not taken over
/// (X-Fresh-Metadata): a copied X-Object-Manifest would make two objects share segments, and deleting one would empty the other
/// (https://github.com/distribution/distribution/issues/2188).
/// </remarks>
internal sealed class ServerSideCopy(SwiftClient client)
{
    public async Task CopyAsync(string sourceContainer, string sourceName, string name, string key, CancellationToken cancellationToken)
    {
        var request = new SwiftRequest(HttpMethod.Put, name)
        {
            Content = () => new ByteArrayContent([]),
            Headers =
            {
                ["X-Copy-From"] = $"/{Uri.EscapeDataString(sourceContainer)}/{ObjectPath.Escape(sourceName)}",
                ["X-Fresh-Metadata"] = "true",
            },
        };
        using var response = await client.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw response.StatusCode == HttpStatusCode.NotFound
                ? client.Errors.NoObject(key)
                : await client.Errors.FromAsync(response, $"copy '{key}' from container '{sourceContainer}'", key, cancellationToken);
        }
    }
}
