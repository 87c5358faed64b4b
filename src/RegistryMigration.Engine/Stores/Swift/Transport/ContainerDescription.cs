using System.Globalization;
using System.Net;
using RegistryMigration.Engine.Http;

namespace RegistryMigration.Engine.Stores.Swift.Transport;

/// <summary>Reads a container's metadata and what quotas leave: https://docs.openstack.org/swift/latest/middleware.html#module-swift.common.middleware.container_quotas and account_quotas.</summary>
internal static class ContainerDescription
{
    private const string MetadataPrefix = "X-Container-Meta-";

    public static async Task<StoreDescription?> ReadAsync(SwiftClient client, LimitsReader limits, CancellationToken cancellationToken)
    {
        using var response = await client.SendAsync(new SwiftRequest(HttpMethod.Head), cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        if (!response.IsSuccessStatusCode)
            throw await client.Errors.FromAsync(response, $"look at container '{client.Container}'", null, cancellationToken);
        var rooms = new[] { Room(response, "X-Container-Meta-Quota-Bytes", "X-Container-Bytes-Used"), await AccountRoomAsync(client, cancellationToken) };
        return new StoreDescription
        {
            Metadata = Metadata(response),
            Room = rooms.Min(),
            MaxObjectSize = (await limits.GetAsync(cancellationToken)).MaxFileSize,
        };
    }

    // Not everybody who may write to a container may look at its account.
    private static async Task<long?> AccountRoomAsync(SwiftClient client, CancellationToken cancellationToken)
    {
        using var response = await client.SendAsync(new SwiftRequest(HttpMethod.Head) { IsForAccount = true }, cancellationToken);
        return response.IsSuccessStatusCode ? Room(response, "X-Account-Meta-Quota-Bytes", "X-Account-Bytes-Used") : null;
    }

    private static long? Room(HttpResponseMessage response, string quota, string used) =>
        Number(response.Header(quota)) is { } most ? Math.Max(0, most - (Number(response.Header(used)) ?? 0)) : null;

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static Dictionary<string, string> Metadata(HttpResponseMessage response)
    {
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in response.Headers.NonValidated)
        {
            if (name.StartsWith(MetadataPrefix, StringComparison.OrdinalIgnoreCase))
                metadata[name[MetadataPrefix.Length..]] = Uri.UnescapeDataString(values.ToString());
        }

        return metadata;
    }
}
