using System.Globalization;
using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Migrations;

/// <summary>Reads and writes the fields of a Lease (coordination.k8s.io/v1).</summary>
internal static class LeaseTimes
{
    // metav1.MicroTime.
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    /// <summary>Who holds a lease, also when it ran out; null where it is free.</summary>
    public static MigrationHolder? HolderOf(Resource lease)
    {
        if (lease.Text("spec", "holderIdentity") is not { Length: > 0 } name)
            return null;
        var renewed = Time(lease, "renewTime") ?? DateTimeOffset.MinValue;
        return new MigrationHolder(name, Time(lease, "acquireTime"), renewed.AddSeconds(lease.Number("spec", "leaseDurationSeconds") ?? 0));
    }

    /// <summary>Which session took it.</summary>
    public static string? TokenOf(Resource lease) => lease.Text("metadata", "annotations", MigrationObjects.TokenAnnotation);

    /// <summary>A new lease.</summary>
    public static JsonObject New(string migration, MigrationSession session, string token)
    {
        var lease = new JsonObject { ["metadata"] = MigrationObjects.Metadata(migration, "lock"), ["spec"] = new JsonObject { ["leaseTransitions"] = 0 } };
        return Take(lease, session, token);
    }

    /// <summary>A lease that was free, as this session takes it.</summary>
    public static JsonObject Taken(Resource lease, MigrationSession session, string token)
    {
        var taken = Take(lease.Json.DeepClone().AsObject(), session, token);
        taken["spec"]!["leaseTransitions"] = (lease.Number("spec", "leaseTransitions") ?? 0) + 1;
        return taken;
    }

    /// <summary>The lease with a new time of renewal.</summary>
    public static JsonObject Renewed(Resource lease, MigrationSession session)
    {
        var renewed = lease.Json.DeepClone().AsObject();
        renewed["spec"]!["renewTime"] = Now(session);
        return renewed;
    }

    /// <summary>The lease without a holder.</summary>
    public static JsonObject Freed(Resource lease)
    {
        var freed = lease.Json.DeepClone().AsObject();
        freed["spec"]!.AsObject().Remove("holderIdentity");
        (freed["metadata"]!["annotations"] as JsonObject)?.Remove(MigrationObjects.TokenAnnotation);
        return freed;
    }

    private static JsonObject Take(JsonObject lease, MigrationSession session, string token)
    {
        var annotations = lease["metadata"]!["annotations"] as JsonObject ?? [];
        annotations[MigrationObjects.TokenAnnotation] = token;
        if (annotations.Parent is null)
            lease["metadata"]!["annotations"] = annotations;
        if (lease["spec"] is not JsonObject)
            lease["spec"] = new JsonObject();
        var spec = lease["spec"]!.AsObject();
        spec["holderIdentity"] = session.Holder;
        // Whole seconds only; never shorter than what this session counts on.
        spec["leaseDurationSeconds"] = (int)Math.Ceiling(session.LeaseDuration.TotalSeconds);
        spec["acquireTime"] = Now(session);
        spec["renewTime"] = Now(session);
        return lease;
    }

    private static string Now(MigrationSession session) => session.Time.GetUtcNow().UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    private static DateTimeOffset? Time(Resource lease, string name) =>
        DateTimeOffset.TryParse(lease.Text("spec", name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
