using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.OpenShift.Reading;

namespace RegistryMigration.Clusters.OpenShift.Diagnosis;

/// <summary>The ways in from outside.</summary>
internal sealed class RouteCheck : IDiagnosisCheck
{
    public string Name => "Route";

    public async Task<Finding> RunAsync(DiagnosisContext context, CancellationToken cancellationToken)
    {
        if (context.Config is null)
            return Finding.Skip("There is no configuration.");
        var routes = RouteReader.Read(context.Config, await context.ListAsync(OpenShiftTypes.Routes, ListOptions.All, cancellationToken));
        if (routes.Count == 0)
            return Finding.Skip($"No route is configured; within the cluster the registry is {ImageRegistryNames.ServiceHost}.");
        var finding = new Finding();
        foreach (var route in routes)
        {
            if (!route.Exists)
                finding.Fail($"{route.Name} is configured and there is no such route.", "The operator makes it: its log above says what keeps it from that. A certificate's secret that does not exist is the usual cause.");
            else if (route.Admitted == false)
                finding.Fail($"{route.Name} ({route.Host}) is not admitted: {route.Message}", "Another route may claim the same host, or the router does not serve this domain.");
            else if (route.Admitted is null)
                finding.Warn($"{route.Name} ({route.Host}) is admitted by no router yet.", "Look whether an ingress controller serves this namespace.");
            else
                finding.See($"{route.Name} ({route.Host}) is admitted");
        }

        return finding;
    }
}
