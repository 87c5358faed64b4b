using System.Net;
using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>What pods of a copy may reach: names, and the ports of the store. Nobody reaches them.</summary>
/// <remarks>A namespace that denies everything by default (OpenShift's registry from 4.22 on) needs it, and every other one is safer with it.</remarks>
internal static class PolicyManifest
{
    // 5353 is where OpenShift's DNS pods listen; a policy is applied to a pod's port and not to its Service's.
    private static readonly int[] NamePorts = [53, 5353];

    /// <summary>The policy.</summary>
    /// <param name="metadata">Name, labels and owner.</param>
    /// <param name="name">The copy's name.</param>
    /// <param name="endpoints">Addresses of the store and of its authentication, as far as they are known.</param>
    /// <param name="ports">More TCP ports.</param>
    public static JsonObject Make(JsonObject metadata, string name, IReadOnlyList<Uri> endpoints, IReadOnlyList<int> ports)
    {
        var egress = new JsonArray(new JsonObject { ["ports"] = Ports(NamePorts.SelectMany(port => new[] { ("UDP", port), ("TCP", port) })) });
        var anywhere = ports.Concat(endpoints.Where(uri => AddressOf(uri) is null).Select(uri => uri.Port)).Distinct().Order().ToList();
        if (anywhere.Count > 0)
            egress.Add(new JsonObject { ["ports"] = Ports(anywhere.Select(port => ("TCP", port))) });
        foreach (var address in endpoints.Where(uri => AddressOf(uri) is not null).GroupBy(uri => AddressOf(uri)!))
        {
            var length = address.Key.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? 128 : 32;
            egress.Add(new JsonObject
            {
                ["to"] = new JsonArray(new JsonObject { ["ipBlock"] = new JsonObject { ["cidr"] = $"{address.Key}/{length}" } }),
                ["ports"] = Ports(address.Select(uri => uri.Port).Distinct().Order().Select(port => ("TCP", port))),
            });
        }

        return new JsonObject
        {
            ["metadata"] = metadata,
            ["spec"] = new JsonObject
            {
                ["podSelector"] = new JsonObject { ["matchLabels"] = new JsonObject { [SyncNames.SyncLabel] = name } },
                ["policyTypes"] = new JsonArray("Ingress", "Egress"),
                ["ingress"] = new JsonArray(),
                ["egress"] = egress,
            },
        };
    }

    /// <summary>The addresses that a store names; Swift's own address is often known to Keystone only.</summary>
    public static IEnumerable<Uri> EndpointsOf(RegistryStore store) => store.Address.Kind == StoreKind.Swift
        ? new[] { store.Swift.AuthUrl, store.Swift.StorageUrl }.OfType<Uri>()
        : store.S3.Endpoint is { } endpoint ? [endpoint] : [];

    /// <summary>Whether pods need a way to a server whose address nobody told: AWS itself, or a Swift that Keystone's catalog names.</summary>
    public static bool IsIncomplete(RegistryStore store) => store.Address.Kind == StoreKind.Swift ? store.Swift.StorageUrl is null : store.S3.Endpoint is null;

    private static IPAddress? AddressOf(Uri uri) => IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) ? address : null;

    private static JsonArray Ports(IEnumerable<(string Protocol, int Port)> ports) =>
        new([.. ports.Select(port => new JsonObject { ["protocol"] = port.Protocol, ["port"] = port.Port })]);
}
