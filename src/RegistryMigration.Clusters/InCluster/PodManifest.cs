using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>The pods of a copy: they mount one claim, reach one store, and may do nothing else.</summary>
/// <param name="request">What was asked for.</param>
/// <param name="name">The copy's name.</param>
/// <param name="claim">The claim and who uses it now.</param>
/// <param name="user">Who the pods run as.</param>
/// <param name="store">The store as pods are told of it.</param>
/// <param name="ownSecret">The Secret that was made for the copy; null where none was needed.</param>
internal sealed class PodManifest(SyncJobRequest request, string name, SyncClaim claim, PodUser user, PodStore store, string? ownSecret)
{
    // Every user of the pod may read: it has one container, and a non-root user can't read files of root with less.
    private const int ReadOnlyFiles = 0b100_100_100;

    // Long enough to finish what is under way and to write the result.
    private const int GraceSeconds = 60;

    // Twice, by the volume and by its mount.
    private bool IsRead => request.Direction == SyncDirection.FromClaim;

    /// <summary>The template for one phase.</summary>
    /// <param name="phase">all, blobs or links.</param>
    /// <param name="shard">What is given as <c>--shards</c>; null is everything.</param>
    /// <param name="index">The part, where a Job has one only; null leaves it to the Job controller.</param>
    public JsonObject Template(string phase, string? shard, int? index)
    {
        var labels = Labels(name, phase, index);
        var annotations = new JsonObject();
        if (request.Identity.RequiredScc is { } scc)
            annotations["openshift.io/required-scc"] = scc;
        var spec = new JsonObject
        {
            ["restartPolicy"] = "Never",
            ["automountServiceAccountToken"] = false,
            ["enableServiceLinks"] = false,
            ["terminationGracePeriodSeconds"] = GraceSeconds,
            ["securityContext"] = user.Context(),
            ["containers"] = new JsonArray(Container(phase, shard)),
            ["volumes"] = Volumes(),
        };
        if (request.Identity.ServiceAccount is { } account)
            spec["serviceAccountName"] = account;
        if (request.ImagePullSecret is { } pull)
            spec["imagePullSecrets"] = new JsonArray(new JsonObject { ["name"] = pull });
        Place(spec, claim, name);
        return new JsonObject { ["metadata"] = new JsonObject { ["labels"] = labels, ["annotations"] = annotations }, ["spec"] = spec };
    }

    /// <summary>Labels of a Job and its pods.</summary>
    public static JsonObject Labels(string name, string? phase = null, int? index = null)
    {
        var labels = new JsonObject { ["app.kubernetes.io/name"] = "registry-sync", ["app.kubernetes.io/managed-by"] = "registry-migration", [SyncNames.SyncLabel] = name };
        if (phase is not null)
            labels[SyncNames.PhaseLabel] = phase;
        if (index is { } part)
            labels[SyncNames.IndexLabel] = part.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return labels;
    }

    /// <summary>Sets where pods run by where the claim is now; also for a template that was made before the holder moved.</summary>
    public static void Place(JsonObject podSpec, SyncClaim claim, string name)
    {
        podSpec.Remove("affinity");
        podSpec.Remove("tolerations");
        if (claim.Affinity(name) is { } affinity)
            podSpec["affinity"] = affinity;
        if (claim.Tolerations() is { } tolerations)
            podSpec["tolerations"] = tolerations;
    }

    private JsonObject Container(string phase, string? shard)
    {
        var arguments = new JsonArray("sync", $"--phases={phase}");
        if (shard is not null)
            arguments.Add($"--shards={shard}");
        return new JsonObject
        {
            ["name"] = SyncNames.Container,
            ["image"] = request.Image,
            ["imagePullPolicy"] = "IfNotPresent",
            ["args"] = arguments,
            ["env"] = Environment(),
            ["resources"] = Resources(),
            ["securityContext"] = new JsonObject
            {
                ["allowPrivilegeEscalation"] = false,
                ["privileged"] = false,
                ["readOnlyRootFilesystem"] = true,
                ["runAsNonRoot"] = true,
                ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
            },
            ["terminationMessagePath"] = SyncNames.TerminationPath,
            // Where the worker ended without a result, its last lines say why.
            ["terminationMessagePolicy"] = "FallbackToLogsOnError",
            ["volumeMounts"] = Mounts(),
        };
    }

    private JsonArray Environment()
    {
        var variables = new JsonArray();
        foreach (var (key, value) in WorkerSettings.OfPod(request.Direction, request.ClaimPath).Concat(store.Variables).Concat(WorkerSettings.Of(request.Options)))
            variables.Add(new JsonObject { ["name"] = key, ["value"] = Escape(value) });
        foreach (var (variable, key) in store.FromSecret)
            variables.Add(new JsonObject { ["name"] = variable, ["valueFrom"] = new JsonObject { ["secretKeyRef"] = new JsonObject { ["name"] = store.GivenSecret, ["key"] = key } } });
        return variables;
    }

    // Kubernetes replaces $(NAME) in values; $$ is a dollar.
    private static string Escape(string value) => value.Replace("$", "$$", StringComparison.Ordinal);

    private JsonObject Resources()
    {
        var limits = new JsonObject { ["memory"] = request.Resources.MemoryLimit };
        if (request.Resources.CpuLimit is { } cpu)
            limits["cpu"] = cpu;
        return new JsonObject { ["requests"] = new JsonObject { ["cpu"] = request.Resources.CpuRequest, ["memory"] = request.Resources.MemoryRequest }, ["limits"] = limits };
    }

    private JsonArray Mounts()
    {
        var mounts = new JsonArray(new JsonObject { ["name"] = "registry", ["mountPath"] = SyncNames.ClaimMount, ["readOnly"] = IsRead });
        if (ownSecret is not null)
            mounts.Add(new JsonObject { ["name"] = "credentials", ["mountPath"] = $"{SyncNames.CredentialPath}/own", ["readOnly"] = true });
        if (store.MountedKeys.Count > 0)
            mounts.Add(new JsonObject { ["name"] = "given-credentials", ["mountPath"] = $"{SyncNames.CredentialPath}/given", ["readOnly"] = true });
        return mounts;
    }

    private JsonArray Volumes()
    {
        var volumes = new JsonArray(new JsonObject { ["name"] = "registry", ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = claim.Name, ["readOnly"] = IsRead } });
        if (ownSecret is not null)
            volumes.Add(new JsonObject { ["name"] = "credentials", ["secret"] = new JsonObject { ["secretName"] = ownSecret, ["defaultMode"] = ReadOnlyFiles } });
        if (store.MountedKeys.Count > 0)
        {
            var items = new JsonArray([.. store.MountedKeys.Select(key => new JsonObject { ["key"] = key, ["path"] = key })]);
            volumes.Add(new JsonObject { ["name"] = "given-credentials", ["secret"] = new JsonObject { ["secretName"] = store.GivenSecret, ["defaultMode"] = ReadOnlyFiles, ["items"] = items } });
        }

        return volumes;
    }
}
