using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Reading;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Reading;

/// <summary>Reads the ways into the registry: routes that the configuration asks for, and others that lead to its service.</summary>
public static class RouteReader
{
    /// <summary>The routes, the default one first.</summary>
    /// <param name="config">The registry's configuration.</param>
    /// <param name="routes">The routes of the registry's namespace.</param>
    public static IReadOnlyList<RegistryRoute> Read(Resource config, IReadOnlyCollection<Resource> routes)
    {
        ArgumentNullException.ThrowIfNull(config);
        var configured = config.Items("spec", "routes").Select(JsonText.ObjectOf).ToDictionary(route => route.Text("name") ?? "", StringComparer.Ordinal);
        var wanted = new HashSet<string>(configured.Keys, StringComparer.Ordinal);
        if (config.Flag("spec", "defaultRoute") == true)
            wanted.Add(ImageRegistryNames.DefaultRoute);
        var there = routes
            .Where(route => wanted.Contains(route.Name) || route.Text("spec", "to", "name") == ImageRegistryNames.Deployment)
            .ToDictionary(route => route.Name, StringComparer.Ordinal);
        return [.. wanted.Union(there.Keys)
            .OrderBy(name => name != ImageRegistryNames.DefaultRoute)
            .ThenBy(name => name, StringComparer.Ordinal)
            .Select(name => Read(name, wanted.Contains(name), configured.GetValueOrDefault(name), there.GetValueOrDefault(name)))];
    }

    private static RegistryRoute Read(string name, bool isConfigured, Resource? configured, Resource? route)
    {
        var ingresses = route?.Items("status", "ingress").Select(JsonText.ObjectOf).ToList() ?? [];
        var admissions = ingresses.SelectMany(ingress => ingress.Items("conditions")).Select(ConditionReader.Read).Where(condition => condition.Type == "Admitted").ToList();
        var refused = admissions.Find(condition => condition.Status != true);
        return new RegistryRoute
        {
            Name = name,
            Host = Filled(route?.Text("spec", "host")) ?? ingresses.Select(ingress => Filled(ingress.Text("host"))).FirstOrDefault(host => host is not null) ?? Filled(configured?.Text("hostname")),
            IsDefault = name == ImageRegistryNames.DefaultRoute,
            IsConfigured = isConfigured,
            Exists = route is not null,
            Admitted = admissions.Count == 0 ? null : refused is null,
            Message = refused?.Message ?? refused?.Reason,
            Termination = route?.Text("spec", "tls", "termination"),
            CertificateSecret = Filled(configured?.Text("secretName")),
        };
    }

    private static string? Filled(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
