using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>Who a copy's pods are: as whom they read the registry's files, or write files that the registry will read and change.</summary>
/// <param name="User">The user; null is the image's own.</param>
/// <param name="Group">The group of the volume; null for none.</param>
/// <param name="Groups">More groups; null for none.</param>
/// <param name="Linux">SELinux options; null leaves them to the cluster.</param>
internal sealed record PodUser(long? User, long? Group, JsonArray? Groups, JsonObject? Linux)
{
    // https://docs.openshift.com/container-platform/latest/authentication/managing-security-context-constraints.html
    internal const string UserRange = "openshift.io/sa.scc.uid-range";
    internal const string GroupRange = "openshift.io/sa.scc.supplemental-groups";
    internal const string LinuxLevel = "openshift.io/sa.scc.mcs";

    /// <summary>What was given, and for the rest: of the pod that uses a claim that is read, or of the namespace of one that is written.</summary>
    /// <exception cref="ClusterException">Nothing says as whom to write.</exception>
    public static async Task<PodUser> FindAsync(IKubernetesClient client, SyncJobRequest request, SyncClaim claim, CancellationToken cancellationToken)
    {
        var given = request.Identity;
        var found = request.Direction == SyncDirection.FromClaim ? OfHolder(claim) : Of(await client.GetAsync(ResourceTypes.Namespaces, null, request.Namespace, cancellationToken));
        if (request.Direction == SyncDirection.ToClaim && (given.RunAsUser ?? found.User) is null)
        {
            throw new ClusterException(ClusterErrorKind.Precondition, $"Nothing says as whom to write to the claim '{request.Claim}': no registry uses it now, and the namespace {request.Namespace} has no range of users ({UserRange}), as OpenShift's have. "
                + "Give -RunAsUser and -FSGroup as the registry's pod has them when it uses the claim: it can't read or change files of another user.") { Target = $"{ResourceTypes.Claims}/{request.Claim} in {request.Namespace}" };
        }

        return new PodUser(
            given.RunAsUser ?? found.User,
            given.FSGroup ?? found.Group,
            given.SupplementalGroups is { } groups ? [.. groups.Select(id => (JsonNode)id)] : found.Groups,
            found.Linux);
    }

    /// <summary>The pods' security context.</summary>
    public JsonObject Context()
    {
        var context = new JsonObject { ["runAsNonRoot"] = true, ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" } };
        // A registry that runs as root does not make the copy root.
        if (User is > 0)
            context["runAsUser"] = User;
        if (Group is { } group)
        {
            context["fsGroup"] = group;
            // Changing the owner of every file of a large volume takes longer than the copy.
            context["fsGroupChangePolicy"] = "OnRootMismatch";
        }

        if (Groups is not null)
            context["supplementalGroups"] = Groups.DeepClone();
        if (Linux is not null)
            context["seLinuxOptions"] = Linux.DeepClone();
        return context;
    }

    // The volume is the registry's: with another group its files may not be readable, and with another SELinux level the
    // kubelet would relabel them, and the registry could not read them any more.
    private static PodUser OfHolder(SyncClaim claim)
    {
        var (holder, container) = (claim.Holder, ContainerSecurity(claim));
        return new PodUser(
            container?["runAsUser"] is JsonValue value && value.TryGetValue<long>(out var user) ? user : holder?.Number("spec", "securityContext", "runAsUser"),
            holder?.Number("spec", "securityContext", "fsGroup"),
            holder?.At("spec", "securityContext", "supplementalGroups") is JsonArray { Count: > 0 } groups ? groups : null,
            holder?.Section("spec", "securityContext", "seLinuxOptions") ?? container?["seLinuxOptions"] as JsonObject);
    }

    // As OpenShift's restricted constraints fill it in for every pod of the namespace, so for the registry's: the first of each range.
    private static PodUser Of(Resource @namespace)
    {
        string? Annotation(string name) => @namespace.Text("metadata", "annotations", name);
        return new PodUser(
            First(Annotation(UserRange)),
            First(Annotation(GroupRange) ?? Annotation(UserRange)),
            null,
            Annotation(LinuxLevel) is { Length: > 0 } level ? new JsonObject { ["level"] = level } : null);
    }

    // 1000330000/10000, or 1000330000-1000339999; several are separated by commas.
    private static long? First(string? ranges) =>
        long.TryParse(ranges?.Split('/', '-', ',')[0], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var first) && first > 0 ? first : null;

    private static JsonObject? ContainerSecurity(SyncClaim claim)
    {
        var volumes = claim.Holder?.Items("spec", "volumes").Where(volume => (string?)volume["persistentVolumeClaim"]?["claimName"] == claim.Name).Select(volume => (string?)volume["name"]).ToHashSet();
        return claim.Holder?.Items("spec", "containers")
            .FirstOrDefault(container => container["volumeMounts"] is JsonArray mounts && mounts.Any(mount => volumes!.Contains((string?)mount?["name"])))?["securityContext"] as JsonObject;
    }
}
