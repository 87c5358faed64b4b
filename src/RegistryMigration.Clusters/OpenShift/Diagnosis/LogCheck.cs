using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Diagnosis;

/// <summary>The newest lines of the pods' logs: errors as the operator (klog) and the registry (logrus) write them.</summary>
internal sealed class LogCheck(string name, string pods, bool isRegistry) : IDiagnosisCheck
{
    private const int Shown = 3;
    private const int LineLength = 300;

    public string Name => name;

    public async Task<Finding> RunAsync(DiagnosisContext context, CancellationToken cancellationToken)
    {
        var found = await context.ListAsync(ResourceTypes.Pods, new ListOptions { Labels = pods }, cancellationToken);
        if (found.Count == 0)
            return Finding.Skip("There is no pod that could have a log.");
        var finding = new Finding();
        foreach (var pod in found)
            await AddAsync(context, pod, finding, cancellationToken);
        return finding;
    }

    /// <summary>Whether a line tells of an error.</summary>
    public static bool IsError(string line, bool isRegistry)
    {
        if (isRegistry)
            return line.Contains("level=error", StringComparison.Ordinal) || line.Contains("level=fatal", StringComparison.Ordinal) || line.Contains("level=panic", StringComparison.Ordinal) || line.StartsWith("panic:", StringComparison.Ordinal);
        // klog: E for error or F for fatal, then month and day. A conflict is how the operator learns that somebody else wrote; it tries again.
        return line.Length > 5 && line[0] is 'E' or 'F' && line.AsSpan(1, 4).IndexOfAnyExceptInRange('0', '9') < 0 && !line.Contains("the object has been modified", StringComparison.Ordinal);
    }

    private async Task AddAsync(DiagnosisContext context, Resource pod, Finding finding, CancellationToken cancellationToken)
    {
        var (lines, errors) = (0, new List<string>());
        try
        {
            await foreach (var line in context.Client.ReadLogAsync(ImageRegistryNames.Namespace, pod.Name, new LogOptions { Tail = context.Options.LogLines }, cancellationToken))
            {
                lines++;
                if (IsError(line, isRegistry))
                    errors.Add(line.Length > LineLength ? line[..LineLength] + "…" : line);
            }
        }
        catch (ClusterException e) when (e.Kind is ClusterErrorKind.NotFound or ClusterErrorKind.Invalid)
        {
            // The pod went, or its container has not started.
            finding.See($"{pod.Name} has no log: {e.Message}");
            return;
        }

        if (errors.Count == 0)
        {
            finding.See($"{pod.Name}: no error in the last {lines} lines");
            return;
        }

        foreach (var line in errors.TakeLast(Shown))
            finding.Warn($"{pod.Name}: {line}", isRegistry ? "Errors of single requests are no cause for alarm; those about storage are: look at the storage and its credentials below." : "The operator tries again after an error. If the same one comes again and again, it keeps the registry from its state.");
        finding.See($"{pod.Name}: {errors.Count} errors in the last {lines} lines");
    }
}
